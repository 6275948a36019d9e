import { cpSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../ports.ts";

/** Where a product listens; its seed names these addresses. */
export interface Ports {
  readonly PORT: string;
  readonly SIMULATOR_PORT: string;
}

export const somePorts = async (): Promise<Ports> => ({
  PORT: String(await freePort()),
  SIMULATOR_PORT: String(await freePort()),
});

/**
 * Puts what a product that ended left behind into a new state directory; answers its ports. Each of
 * the processes that run tests side by side has one of its own; the first time, `make` makes it.
 */
export async function takePrepared(
  shelf: string,
  stateDirectory: string,
  make: (ports: Ports) => Promise<string>,
): Promise<Ports> {
  const place = join(shelf, process.env.VITEST_POOL_ID ?? "0");
  if (!existsSync(place)) {
    const ports = await somePorts();
    const made = await make(ports);
    writeFileSync(join(made, "ports.json"), JSON.stringify(ports));
    renameSync(made, place);
  }
  for (const part of ["data", "secrets", "fingerprints"]) {
    cpSync(join(place, part), join(stateDirectory, part), { recursive: true });
  }
  return JSON.parse(readFileSync(join(place, "ports.json"), "utf8"));
}
