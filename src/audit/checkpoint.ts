import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Keys } from "../lib/keys.ts";
import { rfc3339 } from "../lib/time.ts";

/** How long the chain was at a moment, and which entry was its last. */
export interface Checkpoint {
  readonly count: number;
  /** The mac of the last entry. */
  readonly head: string;
  readonly at: number;
  readonly mac: string;
}

/** A checkpoint with the place where it was found; null when it can't be read there. */
export interface FoundCheckpoint {
  readonly place: string;
  readonly checkpoint: Checkpoint | null;
}

const PREFIX = "checkpoints/";
const PURPOSE = "audit checkpoint";

const textOf = ({ count, head, at }: Omit<Checkpoint, "mac">): string =>
  canonicalize({ count, head, at }) ?? "";

export const signCheckpoint = (keys: Keys, facts: Omit<Checkpoint, "mac">): Checkpoint => ({
  ...facts,
  mac: keys.mac(PURPOSE, textOf(facts)),
});

export const isOurs = (keys: Keys, checkpoint: Checkpoint): boolean =>
  keys.macMatches(checkpoint.mac, PURPOSE, textOf(checkpoint));

/** One place an hour, so that a copy of an old checkpoint can't pass for a newer one. */
const placeOf = (at: number): string => `${PREFIX}${rfc3339(at).slice(0, 13)}.json`;

/** Keeps the first checkpoint of an hour, for it may be locked there. */
export async function keepCheckpoint(bucket: R2Bucket, checkpoint: Checkpoint): Promise<void> {
  const { count, head, at, mac } = checkpoint;
  if (await bucket.head(placeOf(at))) return;
  await bucket.put(placeOf(at), canonicalize(checkpoint) ?? "", {
    httpMetadata: { contentType: "application/json" },
    // Beside the text as well: years of them are then read by listing, a thousand at a time.
    customMetadata: { count: String(count), head, at: String(at), mac },
  });
}

function checkpointOf({ key, etag, customMetadata: said }: R2Object): Checkpoint | null {
  const { head = "", mac = "" } = said ?? {};
  const checkpoint = { count: Number(said?.count), head, at: Number(said?.at), mac };
  if (!Number.isSafeInteger(checkpoint.count) || !Number.isSafeInteger(checkpoint.at)) return null;
  // R2's etag is the MD5 of the text.
  const hash = createHash("md5").update(canonicalize(checkpoint) ?? "");
  return key === placeOf(checkpoint.at) && hash.digest("hex") === etag ? checkpoint : null;
}

/** Every checkpoint that was kept, oldest first. */
export async function listCheckpoints(bucket: R2Bucket): Promise<FoundCheckpoint[]> {
  const found: FoundCheckpoint[] = [];
  let cursor: string | undefined;
  do {
    const page = await bucket.list({
      prefix: PREFIX,
      include: ["customMetadata"],
      ...(cursor === undefined ? {} : { cursor }),
    });
    found.push(
      ...page.objects.map((object) => ({ place: object.key, checkpoint: checkpointOf(object) })),
    );
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return found;
}
