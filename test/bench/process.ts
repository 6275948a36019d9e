import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The kernel's unit of processor time; fixed at 100 a second for what it tells programs. */
const TICK_MS = 10;

/** The workerd that was started with `STATE_DIR` at this directory. */
export const workerdOf = (stateDirectory: string): number =>
  Number(readFileSync(join(stateDirectory, "workerd.pid"), "utf8"));

/** Processor time of a process so far in milliseconds, kernel and user together. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold spaces; utime and stime are fields 14 and 15 of the line.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Resident memory of a process in MiB. */
export function rssMiB(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? 0) / 1024;
}

/** Device, mount point and kind of the file system that a directory is on. */
export function mountOf(directory: string): string {
  const mounts = readFileSync("/proc/mounts", "utf8").trim().split("\n");
  const holding = mounts
    .map((line) => line.split(" "))
    .filter(([, point = ""]) => point === "/" || `${directory}/`.startsWith(`${point}/`))
    .sort(([, a = ""], [, b = ""]) => a.length - b.length);
  const [device, point, type] = holding.at(-1) ?? [];
  return `${device} on ${point} (${type})`;
}
