import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Miniflare } from "miniflare";
import { renderBanner } from "./banner.ts";
import { ensureBundle, QUIET_TOOLS } from "./bundles.ts";
import { type Environment, httpOrigin, parseEnvironment, reachableHost } from "./environment.ts";
import { lockDirectory } from "./lock.ts";
import { applyMigrations, readMigrations } from "./migrations.ts";
import { describePortProblem } from "./ports.ts";
import { everyMinute, runTick } from "./schedule.ts";
import { loadSecrets } from "./secrets.ts";
import { endOrphan, workerdVariables } from "./workerd-process.ts";

const ROOT = join(import.meta.dirname, "../..");
const MIGRATIONS = { DB: "migrations/db", LOG_0: "migrations/log", LOG_1: "migrations/log" };
const HEALTH_TIMEOUT_MS = 15_000;

let running: Miniflare | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    void (running?.dispose() ?? Promise.resolve()).finally(() => process.exit(0));
  });
}

try {
  await start();
} catch (error) {
  await running?.dispose();
  refuse(error instanceof Error ? error.message : String(error));
}

async function start(): Promise<void> {
  const parsed = parseEnvironment(process.env, process.cwd());
  if (!parsed.ok) return refuse(parsed.error);
  const environment = parsed.value;
  const { stateDirectory } = environment;
  await takeDirectory(stateDirectory);
  await checkPorts(environment);
  const { dataDirectory, runtimeOptions, startRuntime } = await prepareRuntime(stateDirectory);
  const loaded = loadSecrets({
    stateDirectory,
    environment: process.env,
    hasState: existsSync(dataDirectory(stateDirectory)),
    randomBytes,
  });
  if (!loaded.ok) return refuse(loaded.error);
  const [app, simulator] = await Promise.all([
    ensureBundle(ROOT, "app"),
    environment.simulatorPort === undefined ? undefined : ensureBundle(ROOT, "simulator"),
  ]);
  const input = { environment, secrets: loaded.value, bundles: { app, simulator } };

  const miniflare = await startRuntime(input);
  running = miniflare;
  for (const [binding, directory] of Object.entries(MIGRATIONS)) {
    const database = await miniflare.getD1Database(binding, app.name);
    await applyMigrations(database, readMigrations(join(ROOT, directory)));
  }
  const tick = () =>
    runTick(miniflare, app.name, new Date(Date.now() + environment.clockOffsetSeconds * 1_000));
  await tick();
  await miniflare.setOptions(runtimeOptions(input, "open"));
  const origin = httpOrigin(reachableHost(environment.host), environment.port);
  await untilHealthy(origin);
  everyMinute(tick, (error) => console.error(`hongyan: ${error}`));
  console.log(renderBanner(environment, origin, loaded.value.ROOT_KEY));
}

async function takeDirectory(stateDirectory: string): Promise<void> {
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  if (!lockDirectory(stateDirectory)) refuse(`another start is using ${stateDirectory}`);
  await endOrphan(stateDirectory);
}

async function checkPorts({ host, port, simulatorPort }: Environment): Promise<void> {
  const problem =
    (await describePortProblem("PORT", host, port)) ??
    (simulatorPort === undefined
      ? undefined
      : await describePortProblem("SIMULATOR_PORT", host, simulatorPort));
  if (problem !== undefined) refuse(problem);
}

/** Miniflare reads these variables while it loads, and leaves its scratch files after a kill. */
async function prepareRuntime(stateDirectory: string) {
  const scratch = join(stateDirectory, "tmp");
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch);
  Object.assign(process.env, QUIET_TOOLS, workerdVariables(stateDirectory), { TMPDIR: scratch });
  return await import("./runtime.ts");
}

async function untilHealthy(origin: string): Promise<void> {
  const deadline = Date.now() + HEALTH_TIMEOUT_MS;
  for (;;) {
    const response = await fetch(`${origin}/healthz`).catch(() => undefined);
    if (response?.ok) return;
    if (Date.now() > deadline) {
      throw new Error(`${origin}/healthz answers ${response?.status ?? "nothing"}`);
    }
    await sleep(100);
  }
}

function refuse(message: string): never {
  console.error(`hongyan: ${message}`);
  process.exit(1);
}
