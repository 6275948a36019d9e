import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { freePort } from "../ports.ts";

const ROOT = join(import.meta.dirname, "../..");
const PORT = await freePort();
const SIMULATOR_PORT = await freePort();
const API = `http://127.0.0.1:${PORT}`;
const SIMULATOR = `http://127.0.0.1:${SIMULATOR_PORT}`;
const stateDirectory = mkdtempSync(join(tmpdir(), "hongyan-start-"));

type Started = { readonly child: ChildProcess; readonly output: () => string };

const children: ChildProcess[] = [];

function spawnStarter(variables: Record<string, string> = {}): Started {
  // Nothing is inherited: a ROOT_KEY of the machine would change what is tested.
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? "",
    PORT: String(PORT),
    SIMULATOR_PORT: String(SIMULATOR_PORT),
    STATE_DIR: stateDirectory,
    ...variables,
  };
  const child = spawn(process.execPath, ["src/start/main.ts"], {
    cwd: ROOT,
    env: env as NodeJS.ProcessEnv,
  });
  children.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part: Buffer) => {
      text += part.toString();
    });
  }
  return { child, output: () => text };
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

async function start(): Promise<Started> {
  const started = spawnStarter();
  const { child, output } = started;
  while (!output().includes("handsets")) {
    if (hasEnded(child)) throw new Error(`the start ended: ${output()}`);
    await sleep(50);
  }
  return started;
}

async function refusal(variables: Record<string, string> = {}): Promise<string> {
  const { child, output } = spawnStarter(variables);
  const [code] = await once(child, "close");
  expect(code).toBe(1);
  return output();
}

async function end({ child }: Started, signal: NodeJS.Signals) {
  if (hasEnded(child)) throw new Error("the start had ended already");
  const closed = once(child, "exit");
  child.kill(signal);
  const [code] = await closed;
  return code;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const answer = once(socket, "connect").then(
    () => true,
    () => false,
  );
  return await answer.finally(() => socket.destroy());
}

afterAll(async () => {
  for (const child of children) child.kill("SIGTERM");
  await Promise.all(
    children.filter((child) => !hasEnded(child)).map((child) => once(child, "exit")),
  );
  rmSync(stateDirectory, { recursive: true });
});

let started: Started;
let verification = "";

const rootKey = () => /Root key +(\S+)/.exec(started.output())?.[1] ?? "";
const call = (path: string, init: RequestInit = {}) =>
  fetch(API + path, {
    ...init,
    headers: { Authorization: `Bearer ${rootKey()}`, "Content-Type": "application/json" },
  });

it("prints where everything is once it is ready, and keeps the root key it made", async () => {
  started = await start();
  for (const address of [API, `${API}/docs`, `${SIMULATOR}/`]) {
    expect(started.output()).toContain(address);
  }
  expect((await call("/healthz")).status).toBe(200);
  const secrets = join(stateDirectory, "secrets");
  expect(readFileSync(secrets, "utf8")).toContain(`ROOT_KEY=${rootKey()}\n`);
  expect(statSync(secrets).mode & 0o777).toBe(0o600);
});

it("prints a request that sends a code as it stands", async () => {
  const body = /-d '(.*)'/.exec(started.output())?.[1] ?? "";
  const sent = await call("/v1/verifications", { method: "POST", body });
  expect(sent.status).toBe(201);
  verification = ((await sent.json()) as { id: string }).id;
  const handset = /curl (\S+\/messages)/.exec(started.output())?.[1] ?? "";
  const texts = (await (await fetch(handset)).json()) as { data: unknown[] };
  expect(texts.data).toHaveLength(1);
});

it("serves the pages of the reference from its own assets", async () => {
  const html = await (await call("/docs")).text();
  const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
  expect(assets.length).toBeGreaterThan(2);
  for (const asset of assets) {
    expect(asset).toMatch(/^\/docs\/assets\//);
    expect((await call(asset)).status).toBe(200);
  }
});

it("is refused while another start has the directory, or the ports", async () => {
  expect(await refusal()).toBe(`hongyan: another start is using ${stateDirectory}\n`);
  const STATE_DIR = mkdtempSync(join(tmpdir(), "hongyan-start-"));
  const isTaken = `hongyan: PORT ${PORT} is in use on 127.0.0.1`;
  expect(await refusal({ STATE_DIR })).toMatch(new RegExp(`^${isTaken}`));
  rmSync(STATE_DIR, { recursive: true });
});

it("comes back with its data when only the starter was killed and workerd lives on", async () => {
  const key = rootKey();
  await end(started, "SIGKILL");
  expect(await isListening(PORT)).toBe(true);
  started = await start();
  expect(rootKey()).toBe(key);
  const kept = await call(`/v1/verifications/${verification}`);
  expect(await kept.json()).toMatchObject({ id: verification, status: "pending" });
});

it.each(["SIGTERM", "SIGINT"] as const)(
  "ends with 0 and leaves nothing behind on %s",
  async (signal) => {
    expect(await end(started, signal)).toBe(0);
    for (const port of [PORT, SIMULATOR_PORT]) expect(await isListening(port)).toBe(false);
    started = await start();
  },
);

it("refuses data without its secrets, and a wrong variable, in one line", async () => {
  expect(await end(started, "SIGTERM")).toBe(0);
  expect(await refusal({ PORT: "none" })).toMatch(/^hongyan: PORT must be .*\n$/);
  const secrets = join(stateDirectory, "secrets");
  renameSync(secrets, `${secrets}.away`);
  expect(await refusal()).toMatch(/^hongyan: .* has data but IDENTITY_KEY is missing.*\n$/);
});
