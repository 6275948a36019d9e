import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const LOCK_TIMEOUT_MS = 2_000;
const SQLITE_BUSY = 5;

/** Keeps the handles from the garbage collector, which would close the files. */
const held: DatabaseSync[] = [];

/**
 * Takes the state directory for this process until it ends, however it ends: SQLite's file lock is
 * the kernel's, so none stays behind after a kill. Answers false when another process has it and
 * keeps it for longer than one that is just ending.
 */
export function lockDirectory(stateDirectory: string, timeoutMs = LOCK_TIMEOUT_MS): boolean {
  const database = new DatabaseSync(join(stateDirectory, "lock"), { timeout: timeoutMs });
  try {
    database.exec("PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    held.push(database);
    return true;
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
