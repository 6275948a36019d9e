import { createRequire } from "node:module";
import { join } from "node:path";
import type { Miniflare } from "miniflare";
import type { Bundle } from "./bundles.ts";
import { type Environment, LOG_LEVELS, socketAddress } from "./environment.ts";
import { publicSocketBinding } from "./public-socket.ts";
import type { Secrets } from "./secrets.ts";

/** By an `import`, Node would read its megabytes twice to tell which kind of module they are. */
const miniflare: typeof import("miniflare") = createRequire(import.meta.url)("miniflare");

export type Bundles = { readonly app: Bundle; readonly simulator: Bundle | undefined };

/** Who is listening: the simulator is up while the app is prepared, the app only once it is ready. */
export type Stage = "preparing" | "open";

type RuntimeInput = {
  readonly environment: Environment;
  readonly secrets: Secrets;
  readonly bundles: Bundles;
};

/** Starts both Workers on one workerd; `setOptions` with the next stage opens the app's socket. */
export async function startRuntime(input: RuntimeInput, stage: Stage): Promise<Miniflare> {
  const runtime = new miniflare.Miniflare(runtimeOptions(input, stage));
  await runtime.ready;
  return runtime;
}

/** Miniflare's options at one stage; the Workers run exactly what `wrangler deploy` would upload. */
export function runtimeOptions({ environment, secrets, bundles }: RuntimeInput, stage: Stage) {
  const { host, port, simulatorPort } = environment;
  const clock = { CLOCK_OFFSET_SECONDS: String(environment.clockOffsetSeconds) };
  const app = workerOptions(bundles.app, stage === "open" ? socketAddress(host, port) : undefined, {
    ...secrets,
    ...clock,
    RUNS_ON: "local",
    STAGE: stage,
    PUBLIC_ORIGIN: environment.publicOrigin,
    SIMULATOR_ORIGIN: environment.simulatorOrigin ?? "",
    TRUSTED_PROXY: environment.trustedProxy,
    ALLOW_LOCAL_TARGETS: environment.localTargets.join(","),
    RELAY_SECRET: environment.relaySecret,
    TURNSTILE_SITE_KEY: environment.turnstileSiteKey,
    TURNSTILE_SECRET: environment.turnstileSecret,
  });
  const simulators =
    bundles.simulator === undefined || simulatorPort === undefined
      ? []
      : [workerOptions(bundles.simulator, socketAddress(host, simulatorPort), clock)];
  return miniflare.convertV4MiniflareOptions({
    workers: [app, ...simulators],
    resourcePersistencePath: dataDirectory(environment.stateDirectory),
    cf: false,
    telemetry: { enabled: false },
    log: new miniflare.Log(miniflare.LogLevel.WARN),
    handleStructuredLogs: logWriter(environment.logLevel),
  });
}

/** Where D1 and the Durable Objects live; it exists once a first start came this far. */
export function dataDirectory(stateDirectory: string): string {
  return join(stateDirectory, "data");
}

/** One Worker for Miniflare, behind a socket of its own where `address` names one. */
export function workerOptions(
  bundle: Bundle,
  address: string | undefined,
  bindings: Readonly<Record<string, string>>,
) {
  return {
    ...bundle.options,
    name: bundle.name,
    modulesRoot: "/",
    modules: [{ type: "ESModule" as const, path: "/worker.js", contents: bundle.script }],
    bindings: { ...bundle.vars, ...bindings },
    d1Databases: localDatabases(bundle),
    unsafeBindings: address === undefined ? [] : [publicSocketBinding(address)],
  };
}

/** Ids of our own: those in wrangler.toml change when the product is deployed, the data stays. */
function localDatabases(bundle: Bundle): Record<string, string> {
  const bindings = Object.keys(bundle.options.d1Databases ?? {});
  return Object.fromEntries(bindings.map((binding) => [binding, `${bundle.name}-${binding}`]));
}

function logWriter(threshold: Environment["logLevel"]) {
  return ({ level, message }: { level: string; message: string }) => {
    const known = LOG_LEVELS.find((candidate) => candidate === level) ?? "info";
    if (LOG_LEVELS.indexOf(known) > LOG_LEVELS.indexOf(threshold)) return;
    const stream = known === "error" ? process.stderr : process.stdout;
    stream.write(`${message}\n`);
  };
}
