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
import { describeLastingPortProblem } from "./ports.ts";
import { describePreparation, isPrepared, notePrepared } from "./preparation.ts";
import { every, runTick } from "./schedule.ts";
import { loadSecrets } from "./secrets.ts";
import { endOrphan, workerdVariables } from "./workerd-process.ts";

const ROOT = join(import.meta.dirname, "../..");
const MIGRATIONS = { DB: "migrations/db", LOG_0: "migrations/log", LOG_1: "migrations/log" };
const MINUTE_MS = 60_000;
const HEALTH_TIMEOUT_MS = 15_000;
const PARENT_CHECK_MS = 200;

let running: Miniflare | undefined;

stopOnSignals();
stopWithNpm();
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
  const migrations = Object.entries(MIGRATIONS).map(
    ([binding, directory]) => [binding, readMigrations(join(ROOT, directory))] as const,
  );
  const data = dataDirectory(stateDirectory);
  const preparation = describePreparation(app.hash, migrations, environment.simulatorOrigin);
  const wasPrepared = isPrepared(data, preparation);

  const miniflare = await startRuntime(input, wasPrepared ? "open" : "preparing");
  running = miniflare;
  stopOnSignals();
  const tick = () =>
    runTick(miniflare, app.name, new Date(Date.now() + environment.clockOffsetSeconds * 1_000));
  if (!wasPrepared) {
    for (const [binding, pending] of migrations) {
      await applyMigrations(await miniflare.getD1Database(binding, app.name), pending);
    }
    await tick();
    notePrepared(data, preparation);
    await miniflare.setOptions(runtimeOptions(input, "open"));
  }
  const origin = httpOrigin(reachableHost(environment.host), environment.port);
  await untilHealthy(origin);
  if (wasPrepared) await tick();
  every(MINUTE_MS, tick, (error) => console.error(`hongyan: ${error}`));
  console.log(renderBanner(environment, origin, loaded.value.ROOT_KEY));
}

async function takeDirectory(stateDirectory: string): Promise<void> {
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  if (!lockDirectory(stateDirectory)) refuse(`another start is using ${stateDirectory}`);
  await endOrphan(stateDirectory);
}

async function checkPorts({ host, port, simulatorPort }: Environment): Promise<void> {
  const problem =
    (await describeLastingPortProblem("PORT", host, port)) ??
    (simulatorPort === undefined
      ? undefined
      : await describeLastingPortProblem("SIMULATOR_PORT", host, simulatorPort));
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

function stop(): void {
  void (running?.dispose() ?? Promise.resolve()).finally(() => process.exit(0));
}

/** Called again once Miniflare and Wrangler are loaded: their own handlers report a failure. */
function stopOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.removeAllListeners(signal);
    process.once(signal, stop);
  }
}

/** A killed npm takes nobody with it, and would leave a product running that no one can stop. */
function stopWithNpm(): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stop(), PARENT_CHECK_MS).unref();
}

function refuse(message: string): never {
  console.error(`hongyan: ${message}`);
  process.exit(1);
}
