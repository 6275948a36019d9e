import { fail, ok, type Result } from "../lib/result.ts";
import { invalid, type Problem, problem } from "./problem.ts";

export const BODY_LIMIT = 256 * 1024;
export const BATCH_BODY_LIMIT = 4 * 1024 * 1024;
const MAX_NESTING = 16;

/** The whole body, or null when it is longer than `limit` bytes, whatever its length header claims. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array | null> {
  if (Number(request.headers.get("Content-Length") ?? 0) > limit) return null;
  if (!request.body) return new Uint8Array();
  // The runtime holds a body to its length header; only one without it is counted as it comes.
  if (request.headers.has("Content-Length")) return new Uint8Array(await request.arrayBuffer());
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > limit) {
      await reader.cancel();
      return null;
    }
    parts.push(part.value);
  }
  if (parts.length === 1 && parts[0]) return parts[0];
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

/** Null: they are no UTF-8. */
export function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return null;
  }
}

// Line feed, carriage return and tab are part of texts; the other control characters are not.
const CONTROL = /[^\P{Cc}\n\r\t]/u;

const badText = (text: string): boolean => !text.isWellFormed() || CONTROL.test(text);

/** Why a text may not come in at all, wherever it stands. */
type RefuseText = (text: string) => Problem | null;

/** What no field may hold, found before any schema looks: broken text, endless numbers, deep nesting. */
function findUnfit(
  value: unknown,
  path: string,
  depth: number,
  refuse: RefuseText,
): Problem | null {
  if (typeof value === "string") {
    if (badText(value)) return invalid(path, "must be text without control characters");
    return refuse(value);
  }
  if (typeof value === "number") {
    return Number.isFinite(value) ? null : invalid(path, "must be a finite number");
  }
  if (typeof value !== "object" || value === null) return null;
  if (depth >= MAX_NESTING) return invalid("", `must not nest deeper than ${MAX_NESTING}`);
  for (const [name, inner] of Object.entries(value)) {
    if (badText(name)) return invalid(path, "must have names without control characters");
    const within = path ? `${path}.${name}` : name;
    const unfit = refuse(name) ?? findUnfit(inner, within, depth + 1, refuse);
    if (unfit) return unfit;
  }
  return null;
}

/**
 * The body as JSON values; undefined when there is none. Clients that call every body JSON call an
 * empty one so too: that is good enough where none `isNeeded`. `refuse` sees it as it was written,
 * and once more, text by text, where escapes may hide what it says.
 */
export async function readJson(
  request: Request,
  limit: number,
  isNeeded = true,
  refuse: RefuseText = () => null,
): Promise<Result<unknown, Problem>> {
  const type = request.headers.get("Content-Type");
  const json = type !== null && /^application\/json\s*(;|$)/i.test(type);
  const bytes = await readBytes(request, limit);
  if (!bytes) return fail(problem("payload-too-large"));
  if (bytes.byteLength === 0 && !(json && isNeeded)) return ok(undefined);
  if (!json) return fail(problem("unsupported-media-type"));
  const text = decode(bytes);
  if (text === null) return fail(problem("malformed-json", "The body is not valid UTF-8."));
  const refused = refuse(text);
  if (refused) return fail(refused);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail(problem("malformed-json"));
  }
  const unfit = findUnfit(value, "", 0, text.includes("\\") ? refuse : () => null);
  return unfit ? fail(unfit) : ok(value);
}
