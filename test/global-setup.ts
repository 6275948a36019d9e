import { join } from "node:path";
import { ensureBundle } from "../src/start/bundles.ts";

const root = join(import.meta.dirname, "..");

/** The starts among the tests shall not all build at once. */
export async function setup(): Promise<void> {
  await Promise.all([ensureBundle(root, "simulator"), ensureBundle(root, "app")]);
}
