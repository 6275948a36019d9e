/** Runs the built simulator in workerd: `node launch.ts <bundle directory> <state directory>`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";

const [bundle = "", state = ""] = process.argv.slice(2);

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    ...JSON.parse(readFileSync(join(bundle, "options.json"), "utf8")),
    bindings: { CLOCK_OFFSET_SECONDS: process.env.CLOCK_OFFSET_SECONDS ?? "0" },
    modules: true,
    modulesRoot: bundle,
    scriptPath: join(bundle, "worker.js"),
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    resourcePersistencePath: state,
  }),
);
await miniflare.ready;
const url = await miniflare.unsafeGetDirectURL();
console.log(`listening on ${url.origin}`);

// The pipe from the test breaks when the test dies: nothing may outlive it.
process.stdin.on("end", () => miniflare.dispose().finally(() => process.exit())).resume();
