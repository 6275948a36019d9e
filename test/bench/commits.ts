import { closeSync, existsSync, globSync, openSync, readSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** The commits in one write-ahead log; another salt is a log that began anew. */
interface Wal {
  readonly salt: string;
  readonly commits: number;
}

/** Commits by object class, from outside: each ends in a frame that says so. */
export type Commits = ReadonlyMap<string, number>;

/**
 * Reads a log as SQLite defines it: a frame that ends a commit carries the database's size, and one
 * with another salt is left over from before. https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
function readWal(path: string): Wal | null {
  // Whose object fell asleep since it was found, it is gone.
  if (!existsSync(path)) return null;
  const file = openSync(path, "r");
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return { salt: "", commits: 0 };
    const frameBytes = FRAME_HEADER_BYTES + header.readUInt32BE(8);
    const salt = header.toString("hex", 16, 24);
    const frames = Math.floor((statSync(path).size - HEADER_BYTES) / frameBytes);
    let commits = 0;
    for (let index = 0; index < frames; index++) {
      const frame = Buffer.alloc(FRAME_HEADER_BYTES);
      readSync(file, frame, 0, FRAME_HEADER_BYTES, HEADER_BYTES + index * frameBytes);
      if (frame.toString("hex", 8, 16) !== salt) break;
      if (frame.readUInt32BE(4) > 0) commits++;
    }
    return { salt, commits };
  } finally {
    closeSync(file);
  }
}

/** The logs of all objects of a Worker, by path: those that sleep have none. */
export function readWals(stateDirectory: string, worker: string): ReadonlyMap<string, Wal> {
  const objects = join(stateDirectory, "data/do");
  const paths = globSync(`${worker}-[A-Z]*/*.sqlite-wal`, { cwd: objects });
  const wals = paths.map((path) => [path, readWal(join(objects, path))] as const);
  return new Map(wals.flatMap(([path, wal]) => (wal ? [[path, wal] as const] : [])));
}

/** What was committed between two looks, by class; objects must not fall asleep in between. */
export function commitsBetween(
  before: ReadonlyMap<string, Wal>,
  after: ReadonlyMap<string, Wal>,
  worker: string,
): Commits {
  const sums = new Map<string, number>();
  for (const [path, wal] of after) {
    const earlier = before.get(path);
    const commits = wal.commits - (earlier?.salt === wal.salt ? earlier.commits : 0);
    const name = basename(dirname(path)).slice(`${worker}-`.length);
    sums.set(name, (sums.get(name) ?? 0) + commits);
  }
  return sums;
}
