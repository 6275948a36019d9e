import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBundle } from "../src/start/bundles.ts";

const root = join(import.meta.dirname, "..");

/** The starts among the tests shall not all build at once, and share what the first of them makes. */
export async function setup(): Promise<() => void> {
  const shelf = mkdtempSync(join(tmpdir(), "hongyan-shelf-"));
  process.env.HONGYAN_SHELF = shelf;
  await Promise.all([ensureBundle(root, "simulator"), ensureBundle(root, "app")]);
  return () => rmSync(shelf, { recursive: true, force: true });
}
