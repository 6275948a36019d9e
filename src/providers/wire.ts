import type { Receipt, ReceiptBatch } from "./provider.ts";

type Json = Readonly<Record<string, unknown>>;

/** The vendor's root below an account's endpoint, which may end in a relay's or simulator's path. */
export function vendorRoot(endpoint: string): { readonly url: string; readonly host: string } {
  const { origin, host, pathname } = new URL(endpoint);
  return { url: `${origin}${pathname.replace(/\/+$/, "")}/`, host };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const asObject = (value: unknown): Json | undefined =>
  typeof value === "object" && value ? (value as Json) : undefined;

export const parseObject = (text: string): Json | undefined => asObject(parse(text));

/** Reads a JSON array element by element; `readOne` gives undefined for what it can't read. */
export function readBatch(
  body: string,
  readOne: (element: unknown) => Receipt | undefined,
): ReceiptBatch {
  const elements = parse(body);
  if (!Array.isArray(elements)) return { receipts: [], unreadable: 1 };
  const receipts = elements.map(readOne).filter((receipt) => receipt !== undefined);
  return { receipts, unreadable: elements.length - receipts.length };
}

/** `yyyy-MM-dd HH:mm:ss` of a clock in China (UTC+8); undefined for anything else. */
export function chinaTime(text: string | undefined): Date | undefined {
  const [, day, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/.exec(text ?? "") ?? [];
  const at = new Date(`${day}T${time}+08:00`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** Our text with each `{{name}}` or `{{name|fallback}}` written as the vendor writes a variable. */
export const rewriteVariables = (body: string, write: (name: string) => string): string =>
  body.replace(/\{\{\s*([^{}|\s]+)\s*(?:\|[^{}]*)?\}\}/g, (_, name: string) => write(name));
