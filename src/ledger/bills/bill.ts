import type { LedgerText } from "../../messages/billed.ts";

export type BillStatus = "uploading" | "comparing" | "done";

export const VERDICTS = ["matched", "missing_here", "missing_there", "different"] as const;
/** What a line and the ledger say of each other; `missing_there`: the bill lacks a text of ours. */
export type Verdict = (typeof VERDICTS)[number];

/** A row of a provider's file. */
export interface BilledText {
  /** Its row, from 1. */
  readonly row: number;
  /** The message's id, ours or the provider's. */
  readonly name: string;
  readonly segments: number | null;
  /** Millionths; null where the file has no amounts. */
  readonly amount: bigint | null;
}

export interface Judged {
  readonly row: number;
  readonly verdict: Exclude<Verdict, "missing_there">;
  readonly ours: LedgerText | null;
}

const isEqual = (line: BilledText, ours: LedgerText, currency: string): boolean =>
  (line.segments === null || line.segments === ours.segments) &&
  (line.amount === null || line.amount === ours.amount) &&
  (line.amount === null || ours.amount === 0n || ours.currency === currency);

/**
 * What lines of a bill are worth. Each text of ours stands for one line: of several with the same
 * name those that agree are paired first, and a line that finds none is billed without a text.
 */
export function judgeLines(
  lines: readonly BilledText[],
  texts: readonly LedgerText[],
  { currency, taken }: { readonly currency: string; readonly taken: ReadonlySet<string> },
): Judged[] {
  const used = new Set(taken);
  const named = new Map<string, LedgerText[]>();
  for (const text of texts) {
    for (const name of new Set([text.message, text.providerMessageId ?? text.message])) {
      named.set(name, [...(named.get(name) ?? []), text]);
    }
  }
  const judged = new Map<number, Judged>();
  const pair = (line: BilledText, fits: (text: LedgerText) => boolean) => {
    const found = named.get(line.name)?.find((text) => !used.has(text.message) && fits(text));
    if (found) used.add(found.message);
    return found ?? null;
  };
  for (const line of lines) {
    const ours = pair(line, (text) => isEqual(line, text, currency));
    if (ours) judged.set(line.row, { row: line.row, verdict: "matched", ours });
  }
  for (const line of lines) {
    if (judged.has(line.row)) continue;
    const ours = pair(line, () => true);
    const verdict = ours ? "different" : "missing_here";
    judged.set(line.row, { row: line.row, verdict, ours });
  }
  return lines.flatMap((line) => judged.get(line.row) ?? []);
}
