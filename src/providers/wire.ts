import { HOUR } from "../lib/time.ts";
import type { Receipt, ReceiptBatch } from "./provider.ts";

type Json = Readonly<Record<string, unknown>>;

/** The vendor's root below an account's endpoint, which may end in a simulator's path. */
export function vendorRoot(endpoint: string): { readonly url: string; readonly host: string } {
  const { origin, host, pathname } = new URL(endpoint);
  return { url: `${origin}${pathname.replace(/\/+$/, "")}/`, host };
}

const LONG_NUMBER = /(?:^|[:,[])\s*-?\d{16}/;
/** Strings whole, so that nothing inside one is taken for a number; an unfinished one to the end. */
const TOKENS = /"(?:[^"\\]+|\\[\s\S])*"?|-?\d[\d.eE+-]*/g;

/**
 * Undefined for what is no JSON. An integer of sixteen digits or more comes as text: as a number,
 * an id of 64 bits would lose its last digits.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(
      LONG_NUMBER.test(text)
        ? text.replace(TOKENS, (token) => (/^-?[1-9]\d{15,}$/.test(token) ? `"${token}"` : token))
        : text,
    );
  } catch {
    return undefined;
  }
}

export const asObject = (value: unknown): Json | undefined =>
  typeof value === "object" && value ? (value as Json) : undefined;

export const parseObject = (text: string): Json | undefined => asObject(parseJson(text));

/** Reads a JSON array element by element; `readOne` gives undefined for what it can't read. */
export function readElements<Element>(
  body: string,
  readOne: (element: unknown) => Element | undefined,
): { readonly elements: readonly Element[]; readonly unreadable: number } {
  const all = parseJson(body);
  if (!Array.isArray(all)) return { elements: [], unreadable: 1 };
  const elements = all.map(readOne).filter((element) => element !== undefined);
  return { elements, unreadable: all.length - elements.length };
}

export function readBatch(
  body: string,
  readOne: (element: unknown) => Receipt | undefined,
): ReceiptBatch {
  const { elements, unreadable } = readElements(body, readOne);
  return { receipts: elements, unreadable };
}

/** `yyyy-MM-dd HH:mm:ss` of a clock in China (UTC+8); undefined for anything else. */
export function chinaTime(text: string | undefined): Date | undefined {
  const [, day, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/.exec(text ?? "") ?? [];
  const at = new Date(`${day}T${time}+08:00`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

const chinaIso = (at: Date): string => new Date(at.getTime() + 8 * HOUR).toISOString();

/** An instant as `chinaTime` reads it. */
export const toChinaTime = (at: Date): string => chinaIso(at).slice(0, 19).replace("T", " ");

/** `yyyyMMdd` by a clock in China. */
export const chinaDay = (at: Date): string => toChinaTime(at).slice(0, 10).replaceAll("-", "");

/**
 * A text as vendors show it who put its signature in front themselves, or look for it there: a mark
 * of offers stands behind it.
 */
export const signatureFirst = (text: string): string =>
  text.replace(/^([^【】]+)(【[^【】]+】)/, "$2$1");

/** Our text with each `{{name}}` or `{{name|fallback}}` written as the vendor writes a variable. */
export const rewriteVariables = (body: string, write: (name: string) => string): string =>
  body.replace(/\{\{\s*([^{}|\s]+)\s*(?:\|[^{}]*)?\}\}/g, (_, name: string) => write(name));
