import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The variables that make Miniflare start workerd so that a later start can find it. */
export function workerdVariables(stateDirectory: string) {
  const fromMiniflare = createRequire(createRequire(import.meta.url).resolve("miniflare"));
  const workerd: { default: string } = fromMiniflare("workerd");
  return {
    MINIFLARE_WORKERD_PATH: join(import.meta.dirname, "workerd.sh"),
    HONGYAN_WORKERD: workerd.default,
    HONGYAN_WORKERD_PID_FILE: pidFile(stateDirectory),
  };
}

/**
 * Ends the workerd that outlived a killed starter: it still holds the ports and the databases.
 * Safe only for the holder of the directory's lock.
 */
export async function endOrphan(stateDirectory: string, timeoutMs = 5_000): Promise<void> {
  const path = pidFile(stateDirectory);
  if (!existsSync(path)) return;
  const pid = Number(readFileSync(path, "utf8"));
  const deadline = Date.now() + timeoutMs;
  if (!isOurs(pid, path)) return;
  process.kill(pid, "SIGKILL");
  // A dying process loses its command line before its sockets: only its end frees the ports.
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw new Error(`workerd (process ${pid}) does not end`);
    await sleep(20);
  }
}

/** Whether it may still hold files open; one that only waits to be buried holds none. */
function isAlive(pid: number): boolean {
  try {
    if (process.platform !== "linux") return process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Its first thread may be gone while others still hold the files.
    const threads = readdirSync(`/proc/${pid}/task`).length;
    return threads > 1 || !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

function pidFile(stateDirectory: string): string {
  return join(stateDirectory, "workerd.pid");
}

/** A process id is soon reused; the pid file's own path in the environment proves it is ours. */
function isOurs(pid: number, path: string): boolean {
  if (!Number.isInteger(pid) || pid < 2) return false;
  const proof = `HONGYAN_WORKERD_PID_FILE=${path}`;
  try {
    if (process.platform === "linux") {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      const variables = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      return /workerd/.test(command) && variables.includes(proof);
    }
    const line = execFileSync("ps", ["eww", "-o", "command=", "-p", String(pid)]).toString();
    return /workerd/.test(line) && line.includes(proof);
  } catch {
    return false;
  }
}
