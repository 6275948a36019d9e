import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { renderBanner } from "./banner.ts";
import { QUIET_TOOLS } from "./bundles.ts";
import { httpOrigin, parseEnvironment, reachableHost } from "./environment.ts";
import { loadSecrets } from "./secrets.ts";

/**
 * `wrangler dev` for the Worker and for the simulator, with reload: for those who change the code.
 * Slower than `npm start` by an order of magnitude, and with a state directory of its own.
 */
const ROOT = join(import.meta.dirname, "../..");
const DATABASES = ["DB", "LOG_0", "LOG_1"];

const parsed = parseEnvironment({ STATE_DIR: ".hongyan/dev", ...process.env }, process.cwd());
if (!parsed.ok) refuse(parsed.error);
const environment = parsed.value;
const { stateDirectory, host, port, simulatorPort, simulatorOrigin } = environment;
mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
const loaded = loadSecrets({
  stateDirectory,
  environment: process.env,
  hasState: existsSync(join(stateDirectory, "v3")),
  randomBytes,
});
if (!loaded.ok) refuse(loaded.error);
Object.assign(process.env, QUIET_TOOLS);

const children: ChildProcess[] = [];
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop(0));

for (const binding of DATABASES) {
  const apply = ["d1", "migrations", "apply", binding, "--local", "--persist-to", stateDirectory];
  execFileSync("wrangler", apply, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
}
const clock = { CLOCK_OFFSET_SECONDS: String(environment.clockOffsetSeconds) };
// A file, for the command line of a process is everybody's to read.
const secretsFile = join(stateDirectory, "dev.env");
const lines = Object.entries(loaded.value).map(([name, value]) => `${name}="${value}"\n`);
writeFileSync(secretsFile, lines.join(""), { mode: 0o600 });
if (simulatorPort !== undefined) dev("src/simulator/wrangler.toml", simulatorPort, clock);
dev("wrangler.toml", port, {
  RUNS_ON: "local",
  PUBLIC_ORIGIN: environment.publicOrigin,
  SIMULATOR_ORIGIN: simulatorOrigin ?? "",
  TRUSTED_PROXY: environment.trustedProxy,
  ALLOW_LOCAL_TARGETS: environment.localTargets.join(","),
  ...clock,
});
const origin = httpOrigin(reachableHost(host), port);
while (!(await answers(`${origin}/healthz`))) await sleep(300);
while (simulatorOrigin && !(await answers(`${simulatorOrigin}/stats`))) await sleep(300);
const tick = () => answers(`${origin}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`);
await tick();
setInterval(tick, 60_000);
console.log(renderBanner(environment, origin, loaded.value.ROOT_KEY));

function dev(config: string, onPort: number, variables: Readonly<Record<string, string>>): void {
  const vars = Object.entries(variables).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  const where = ["--ip", host, "--port", String(onPort), "--inspector-port", "0"];
  const child = spawn(
    "wrangler",
    [
      "dev",
      "-c",
      config,
      ...where,
      "--persist-to",
      stateDirectory,
      "--env-file",
      secretsFile,
      "--log-level",
      "warn",
      ...vars,
    ],
    { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] },
  );
  child.once("exit", (code) => stop(code ?? 1));
  children.push(child);
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(url).catch(() => undefined))?.ok === true;
}

function stop(code: number): void {
  for (const child of children) child.kill("SIGTERM");
  process.exit(code);
}

function refuse(message: string): never {
  console.error(`hongyan: ${message}`);
  process.exit(1);
}
