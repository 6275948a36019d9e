import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A digest of all that decides what a start has to prepare: the code, its migrations, its seed. */
export function describePreparation(...parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** Whether a start with the same digest prepared this data; then it can be opened as it is. */
export function isPrepared(dataDirectory: string, digest: string): boolean {
  try {
    return readFileSync(noteFile(dataDirectory), "utf8") === digest;
  } catch {
    return false;
  }
}

/** Call it once everything is prepared: it lies with the data, and goes with it. */
export function notePrepared(dataDirectory: string, digest: string): void {
  writeFileSync(noteFile(dataDirectory), digest);
}

const noteFile = (dataDirectory: string): string => join(dataDirectory, "prepared");
