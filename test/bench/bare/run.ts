import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Miniflare, V4WorkerOptions } from "miniflare";
import { transformWithOxc } from "vite";
import { ensureBundle, QUIET_TOOLS } from "../../../src/start/bundles.ts";
import { publicSocketBinding } from "../../../src/start/public-socket.ts";
import { workerdVariables } from "../../../src/start/workerd-process.ts";
import { freePort } from "../ports.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** A Worker in Miniflare's words, but for its name and its socket. */
type WorkerOptions = V4WorkerOptions & { readonly unsafeBindings?: never };

export interface Running {
  readonly origin: string;
  readonly simulator: string;
  readonly stateDirectory: string;
  readonly miniflare: Miniflare;
  dispose(): Promise<void>;
}

/**
 * A Worker and a simulator on a workerd and a directory of their own, behind the same kind of
 * sockets as the product: one thread does the work of both.
 */
export async function runWorker(
  name: string,
  describe: (at: { readonly origin: string; readonly simulator: string }) => Promise<WorkerOptions>,
): Promise<Running> {
  const stateDirectory = mkdtempSync(join(tmpdir(), "hongyan-bare-"));
  // Miniflare reads these while it loads.
  Object.assign(process.env, QUIET_TOOLS, workerdVariables(stateDirectory));
  const { convertV4MiniflareOptions, Log, LogLevel, Miniflare } = await import("miniflare");
  const { workerOptions } = await import("../../../src/start/runtime.ts");
  const address = `127.0.0.1:${await freePort()}`;
  const carrier = `127.0.0.1:${await freePort()}`;
  const [origin, simulator] = [`http://${address}`, `http://${carrier}`];
  const bundle = await ensureBundle(ROOT, "simulator");
  const worker: V4WorkerOptions = {
    compatibilityDate: "2026-10-20",
    compatibilityFlags: ["nodejs_compat"],
    modulesRoot: "/",
    ...(await describe({ origin, simulator })),
    name,
    unsafeBindings: [publicSocketBinding(address)],
  };
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [worker, workerOptions(bundle, carrier, { CLOCK_OFFSET_SECONDS: "0" })],
      resourcePersistencePath: join(stateDirectory, "data"),
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.WARN),
    }),
  );
  const dispose = async () => {
    await miniflare.dispose();
    rmSync(stateDirectory, { recursive: true, force: true });
  };
  try {
    await miniflare.ready;
    return { origin, simulator, stateDirectory, miniflare, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Modules of a Worker from the repository's own sources, the entry first. */
export const sourceModules = (paths: readonly string[]) =>
  Promise.all(
    paths.map(async (path) => {
      const source = readFileSync(join(ROOT, path), "utf8");
      const { code } = await transformWithOxc(source, path, { target: "es2024" });
      return { type: "ESModule" as const, path: `/${path}`, contents: code };
    }),
  );
