import { Buffer } from "node:buffer";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { EventBody } from "./event.ts";

/** In characters; what is shorter is kept as it is. */
const PACKED_FROM = 100_000;
/** No JSON object begins so. */
const PACKED = "deflate:";

/** D1 takes two megabytes a parameter, and sealed in base64 a body grows by a third. */
const MOST_CHARACTERS = 1_400_000;

/** An event's body as the log seals it: a large one compressed. */
export function packBody({ to, country, contact, data }: EventBody): string {
  const text = JSON.stringify({ to, country, contact, data });
  if (text.length < PACKED_FROM) return text;
  return PACKED + deflateRawSync(text).toString("base64");
}

export function unpackBody(packed: string): EventBody {
  if (!packed.startsWith(PACKED)) return JSON.parse(packed);
  const deflated = Buffer.from(packed.slice(PACKED.length), "base64");
  return JSON.parse(inflateRawSync(deflated).toString());
}

/** Whether an event has more to say than the log can hold. */
export const isTooLarge = (event: EventBody): boolean => packBody(event).length > MOST_CHARACTERS;
