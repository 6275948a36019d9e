/** Runs the simulator in workerd: `node launch.ts <state directory>`. */
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { ensureBundle } from "../../src/start/bundles.ts";

const [state = ""] = process.argv.slice(2);
const { script, options } = await ensureBundle(join(import.meta.dirname, "../.."), "simulator");

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    ...options,
    bindings: { CLOCK_OFFSET_SECONDS: process.env.CLOCK_OFFSET_SECONDS ?? "0" },
    modulesRoot: "/",
    modules: [{ type: "ESModule", path: "/worker.js", contents: script }],
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    resourcePersistencePath: state,
  }),
);
await miniflare.ready;
const url = await miniflare.unsafeGetDirectURL();
console.log(`listening on ${url.origin}`);

// The pipe from the test breaks when the test dies: nothing may outlive it.
process.stdin.on("end", () => miniflare.dispose().finally(() => process.exit())).resume();
