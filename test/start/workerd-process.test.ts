import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { endOrphan, workerdVariables } from "../../src/start/workerd-process.ts";

const directory = mkdtempSync(join(tmpdir(), "hongyan-orphan-"));
const other = mkdtempSync(join(tmpdir(), "hongyan-orphan-"));
afterAll(() => {
  for (const path of [directory, other]) rmSync(path, { recursive: true });
});

/** A process that is started like workerd but waits instead of serving. */
function startWaiting(stateDirectory: string) {
  const { MINIFLARE_WORKERD_PATH, ...variables } = workerdVariables(stateDirectory);
  const env = { ...process.env, ...variables, HONGYAN_WORKERD: process.execPath };
  return spawn(MINIFLARE_WORKERD_PATH, ["-e", "setInterval(() => {}, 1e6) // workerd"], { env });
}

it("ends the process that the last start left behind", async () => {
  const left = startWaiting(directory);
  await once(left, "spawn");
  const gone = once(left, "exit");
  await expect.poll(() => endOrphan(directory).then(() => left.signalCode)).toBe("SIGKILL");
  await gone;
});

it("leaves a process alone that only got the same number", async () => {
  const stranger = startWaiting(other);
  await once(stranger, "spawn");
  writeFileSync(join(directory, "workerd.pid"), `${stranger.pid}\n`);
  await endOrphan(directory);
  writeFileSync(join(directory, "workerd.pid"), "not a number\n");
  await endOrphan(directory);
  expect(stranger.signalCode).toBeNull();
  expect(stranger.kill("SIGKILL")).toBe(true);
});

it("has nothing to do in a new directory", async () => {
  await expect(endOrphan(join(directory, "new"))).resolves.toBeUndefined();
});
