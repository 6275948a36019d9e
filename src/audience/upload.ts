import { createHash } from "node:crypto";
import type { Keys } from "../lib/keys.ts";
import { fail, ok, type Result } from "../lib/result.ts";

export interface UploadDeps {
  readonly bucket: Pick<R2Bucket, "put" | "get" | "list" | "delete">;
  readonly keys: Pick<Keys, "sealBytes" | "unsealBytes">;
}

/** A file as it lies in the bucket, in sealed parts of the same size. */
export interface Upload {
  readonly parts: number;
  readonly bytes: number;
  /** What was found in the bytes themselves; `utf-8` and a mark in front of it say the same. */
  readonly looksLike: "utf-8" | "other";
  readonly hasMark: boolean;
  /** SHA-256 in hex. */
  readonly digest: string;
}

export type UploadRefusal = "empty" | "too-large" | "utf-16";

export const PART_BYTES = 1024 * 1024;
export const MOST_BYTES = 512 * 1024 * 1024;

const prefixOf = (name: string): string => `uploads/${name}/`;
const partOf = (name: string, part: number): string =>
  `${prefixOf(name)}${String(part).padStart(6, "0")}`;
const sealedIn = (name: string, part: number): string => `uploads|${name}|${part}`;

const startsWith = (bytes: Uint8Array, ...mark: number[]): boolean =>
  mark.every((byte, at) => bytes[at] === byte);

/** Reads on to parts of the same size: the last one alone is shorter. */
async function* partsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let part = new Uint8Array(PART_BYTES);
  let filled = 0;
  for await (const given of stream) {
    for (let at = 0; at < given.length; ) {
      const taken = given.subarray(at, at + PART_BYTES - filled);
      part.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < PART_BYTES) continue;
      yield part;
      part = new Uint8Array(PART_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

/** Keeps a file part by part, each sealed to its place; no more than one is in memory. */
export async function keepUpload(
  { bucket, keys }: UploadDeps,
  name: string,
  stream: ReadableStream<Uint8Array>,
): Promise<Result<Upload, UploadRefusal>> {
  const digest = createHash("sha256");
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let looksLike: Upload["looksLike"] = "utf-8";
  let [parts, bytes, hasMark] = [0, 0, false];
  for await (const part of partsOf(stream)) {
    if (parts === 0) {
      hasMark = startsWith(part, 0xef, 0xbb, 0xbf);
      if (startsWith(part, 0xff, 0xfe) || startsWith(part, 0xfe, 0xff)) return fail("utf-16");
    }
    bytes += part.length;
    if (bytes > MOST_BYTES) return fail("too-large");
    digest.update(part);
    if (looksLike === "utf-8" && !decodes(decoder, part)) looksLike = "other";
    await bucket.put(partOf(name, parts), keys.sealBytes(part, sealedIn(name, parts)));
    parts++;
  }
  if (bytes === 0) return fail("empty");
  if (looksLike === "utf-8" && !decodes(decoder)) looksLike = "other";
  return ok({ parts, bytes, looksLike, hasMark, digest: digest.digest("hex") });
}

function decodes(decoder: TextDecoder, part?: Uint8Array): boolean {
  try {
    if (part) decoder.decode(part, { stream: true });
    else decoder.decode();
    return true;
  } catch {
    return false;
  }
}

/** One part in clear; throws when it is not there. */
export async function readPart(
  { bucket, keys }: UploadDeps,
  name: string,
  part: number,
): Promise<Uint8Array> {
  const found = await bucket.get(partOf(name, part));
  if (!found) throw new Error("a part of the upload is gone");
  const sealed = new Uint8Array(await found.arrayBuffer());
  return keys.unsealBytes(sealed, sealedIn(name, part));
}

/** Deletes whatever there is of a file. */
export async function dropUpload({ bucket }: UploadDeps, name: string): Promise<void> {
  for (;;) {
    const { objects } = await bucket.list({ prefix: prefixOf(name), limit: 1_000 });
    if (objects.length === 0) return;
    await bucket.delete(objects.map((one) => one.key));
  }
}
