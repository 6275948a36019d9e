import type { CodeMeaning, Outcome, RejectReason } from "./provider.ts";

type Verdict = Extract<CodeMeaning, { next: "permanent" | "failover" }>;

export const accepted: CodeMeaning = { next: "accepted" };
export const unknown: CodeMeaning = { next: "unknown" };
export const permanent = (reason: RejectReason): Verdict => ({ next: "permanent", reason });
export const failover = (reason: RejectReason): Verdict => ({ next: "failover", reason });
export const alert = (verdict: Verdict): Verdict => ({ ...verdict, alert: true });
export const defer = (reason: RejectReason, retryAfterSeconds: number): CodeMeaning => ({
  next: "defer",
  reason,
  retryAfterSeconds,
});
export const throttle = (retryAfterMs: number): CodeMeaning => ({ next: "throttle", retryAfterMs });

/** A vendor's code table: first the code itself, then the first pattern that fits, then `otherwise`. */
export interface CodeBook<Meaning> {
  readonly codes: Readonly<Record<string, Meaning>>;
  readonly patterns: readonly (readonly [RegExp, Meaning])[];
  readonly otherwise: Meaning;
}

export function lookUp<Meaning>(book: CodeBook<Meaning>, code: string): Meaning {
  // A code named `constructor` must not find what every object inherits.
  const listed = Object.hasOwn(book.codes, code) ? book.codes[code] : undefined;
  return listed ?? book.patterns.find(([pattern]) => pattern.test(code))?.[1] ?? book.otherwise;
}

/** A send code as vendors write them; anything else in its place (a number, a sentence) is unreadable. */
export function readCode(value: unknown): string | undefined {
  if (typeof value !== "string" || !/^[A-Za-z][\w.-]{0,99}$/.test(value)) return undefined;
  return /\d{4}/.test(value) ? undefined : value;
}

/** The code of a vendor that numbers its codes, as JSON or as text; more than five digits are no code. */
export function readCodeNumber(value: unknown): string | undefined {
  const code = typeof value === "number" ? String(value) : value;
  return typeof code === "string" && /^-?\d{1,5}$/.test(code) ? code : undefined;
}

export const withoutNumbers = (text: string): string => text.replace(/\p{Nd}{4,}/gu, "…");

/** A vendor's words as an outcome may carry them. */
export function detailOf(message: unknown): string {
  if (typeof message !== "string") return "";
  const text = withoutNumbers(message.toWellFormed().replace(/\p{Cc}+/gu, " "));
  // A word cut in two could be half a secret, which nothing downstream would recognise.
  return text.length <= 200 ? text : text.slice(0, 200).replace(/[^\s\p{Script=Han}]*$/u, "");
}

export const unreadable = (response: { readonly status: number }): Outcome => ({
  kind: "unknown",
  cause: response.status === 200 ? "unreadable-answer" : `http-${response.status}`,
});

/** A definite no: nothing was sent. */
export function rejection(
  meaning: Extract<CodeMeaning, { reason: RejectReason }>,
  code: string,
  message: unknown,
): Outcome {
  return { kind: "rejected", ...meaning, code, detail: detailOf(message) };
}

const isMessageId = (value: unknown): value is string =>
  typeof value === "string" && /^\S{1,128}$/.test(value);

/** Said in place of an id by a vendor that never gives one. */
export const GIVES_NO_ID = Symbol("gives no id");

/** The outcome of an answer that names a code; `providerMessageId` is what it gave as the message's id. */
export function outcomeOf(
  meaning: CodeMeaning,
  answer: {
    readonly status: number;
    readonly code: string;
    readonly message: unknown;
    readonly providerMessageId: unknown;
    readonly segments?: unknown;
  },
): Outcome {
  const { status, code } = answer;
  if (meaning.next === "throttle") {
    return { kind: "throttled", code, retryAfterMs: meaning.retryAfterMs };
  }
  if (status >= 500) return unreadable(answer);
  switch (meaning.next) {
    case "accepted": {
      if (status >= 300) return unreadable(answer);
      const given = answer.providerMessageId;
      const id = isMessageId(given) ? given : null;
      if (!id && given !== GIVES_NO_ID) return { kind: "unknown", cause: "accepted-without-id" };
      const segments = Number.isSafeInteger(answer.segments) ? Number(answer.segments) : 0;
      return { kind: "accepted", providerMessageId: id, code, ...(segments > 0 && { segments }) };
    }
    case "unknown":
      return { kind: "unknown", cause: code };
    default:
      return rejection(meaning, code, answer.message);
  }
}
