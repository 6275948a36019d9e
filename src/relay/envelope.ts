import { Buffer } from "node:buffer";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { URL } from "node:url";

/** A request as it shall reach the vendor. */
export interface Envelope {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Of one connection only; host and length are the URL's and the body's. */
const OF_THE_CONNECTION = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export const isOfTheConnection = (name: string): boolean =>
  OF_THE_CONNECTION.has(name.toLowerCase());

function readHeaders(value: unknown): Record<string, string> | null {
  if (typeof value !== "object" || !value || Array.isArray(value)) return null;
  const headers: [string, string][] = [];
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string") return null;
    try {
      validateHeaderName(name);
      validateHeaderValue(name, text);
    } catch {
      return null;
    }
    if (!isOfTheConnection(name)) headers.push([name, text]);
  }
  return Object.fromEntries(headers);
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

/** Null for anything but a whole request of ours. */
export function readEnvelope(text: string): Envelope | null {
  const { method, url, headers: given, body } = parse(text) ?? {};
  const headers = readHeaders(given);
  if (method !== "GET" && method !== "POST") return null;
  if (typeof url !== "string" || !URL.canParse(url)) return null;
  if (typeof body !== "string" || !headers) return null;
  return { method, url: new URL(url), headers, body: Buffer.from(body, "utf8") };
}

/** Whether a request may go there: an allowed origin, to the scheme and port, and no password in it. */
export const isAllowed = (url: URL, allowed: ReadonlySet<string>): boolean =>
  allowed.has(url.origin) && url.username === "" && url.password === "";
