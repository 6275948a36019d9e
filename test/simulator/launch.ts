/** Runs the built simulator in workerd: `node launch.ts <bundle> <state directory>`. */
import { dirname, resolve } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

const [bundle = "", state = ""] = process.argv.slice(2);
const config = resolve(import.meta.dirname, "../../src/simulator/wrangler.toml");
const { workerOptions } = unstable_getMiniflareWorkerOptions(config);
const { modulesRules: _rules, rootPath: _root, ...options } = workerOptions;

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    ...options,
    modules: true,
    modulesRoot: dirname(bundle),
    scriptPath: bundle,
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    resourcePersistencePath: state,
  }),
);
await miniflare.ready;
const url = await miniflare.unsafeGetDirectURL();
console.log(`listening on ${url.origin}`);
