import type { Outcome } from "../../src/providers/provider.ts";

/** An outcome in one line, so that a code table reads like the vendor's page. */
export function summarise(outcome: Outcome): string {
  switch (outcome.kind) {
    case "accepted":
      return "accepted";
    case "throttled":
      return `throttled ${outcome.retryAfterMs} ms`;
    case "unknown":
      return `unknown: ${outcome.cause}`;
    case "rejected":
      return [
        outcome.next,
        outcome.reason,
        ...(outcome.retryAfterSeconds === undefined ? [] : [`${outcome.retryAfterSeconds} s`]),
        ...(outcome.alert ? ["alert"] : []),
      ].join(" ");
  }
}

/** `{verdict: "CODE CODE"}` as pairs of code and verdict, for `it.each`. */
export const pairs = (table: Readonly<Record<string, string>>): [code: string, verdict: string][] =>
  Object.entries(table).flatMap(([verdict, codes]) =>
    codes
      .trim()
      .split(/\s+/)
      .map((code): [string, string] => [code, verdict]),
  );
