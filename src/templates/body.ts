import { fail, ok, type Result } from "../lib/result.ts";

/** Where a value stands in a text. */
export interface Place {
  readonly name: string;
  /** What `{{name|fallback}}` says, or null. */
  readonly fallback: string | null;
  readonly source: string;
}

export type Part = string | Place;

const PLACE = /\{\{\s*([a-z][a-z0-9_]*)\s*(?:\|([^{}]*))?\}\}/g;

/** Bodies are few and rendered often; past so many characters of them all are forgotten. */
const MOST_KEPT = 1_000_000;
const kept = new Map<string, readonly Part[]>();
let keptCharacters = 0;

function cut(body: string): readonly Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const match of body.matchAll(PLACE)) {
    const [source, name = "", fallback = ""] = match;
    if (match.index > at) parts.push(body.slice(at, match.index));
    parts.push({ name, fallback: fallback.trim() || null, source });
    at = match.index + source.length;
  }
  if (at < body.length) parts.push(body.slice(at));
  return parts;
}

/** The body in parts, cut once. Braces that are no variable stay text. */
export function partsOf(body: string): readonly Part[] {
  let parts = kept.get(body);
  if (!parts) {
    if (keptCharacters + body.length > MOST_KEPT) {
      kept.clear();
      keptCharacters = 0;
    }
    parts = cut(body);
    kept.set(body, parts);
    keptCharacters += body.length;
  }
  return parts;
}

export type BodyFault = "stray-braces" | "empty-fallback" | "two-fallbacks";

/**
 * Each variable's fallback by its name, in the order in which they first occur. Braces have no
 * other use: vendors write their own variables as `{1}` or `${name}`.
 */
export function readPlaces(body: string): Result<ReadonlyMap<string, string | null>, BodyFault> {
  const places = new Map<string, string | null>();
  for (const part of partsOf(body)) {
    if (typeof part === "string") {
      if (/[{}]/.test(part)) return fail("stray-braces");
      continue;
    }
    if (part.source.includes("|") && part.fallback === null) return fail("empty-fallback");
    const earlier = places.get(part.name) ?? null;
    if (earlier !== null && part.fallback !== null && earlier !== part.fallback) {
      return fail("two-fallbacks");
    }
    places.set(part.name, earlier ?? part.fallback);
  }
  return ok(places);
}
