import { createHash } from "node:crypto";
import { CsvError, parse } from "csv-parse/stream";
import { LEDGER_DECIMAL, toMicros } from "../../lib/micros.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import type { BilledText } from "./bill.ts";

export const MOST_BYTES = 64 * 1024 * 1024;
const LINES_AT_ONCE = 2_000;
const LONGEST_ROW = 16_384;

export type BillFault =
  | { readonly kind: "empty" | "too-large" | "unreadable" }
  | { readonly kind: "no-name" }
  | { readonly kind: "bad-row"; readonly row: number; readonly column: string };

interface Cells {
  readonly message_id?: string;
  readonly provider_message_id?: string;
  readonly segments?: string;
  readonly amount?: string;
}

class TooLarge extends Error {}

function readRow(cells: Cells, row: number): Result<BilledText, BillFault> {
  const bad = (column: string) => fail<BillFault>({ kind: "bad-row", row, column });
  const name = (cells.message_id || cells.provider_message_id || "").trim();
  if (!/^[\x21-\x7e]{1,128}$/.test(name)) return bad("message_id");
  const segments = (cells.segments ?? "").trim();
  if (!/^\d{0,4}$/.test(segments)) return bad("segments");
  const amount = (cells.amount ?? "").trim();
  if (amount !== "" && !LEDGER_DECIMAL.test(amount)) return bad("amount");
  return ok({
    row,
    name,
    segments: segments === "" ? null : Number(segments),
    amount: amount === "" ? null : toMicros(amount),
  });
}

/** Counts and hashes what passes, and ends it where it grows too large. */
function measured(digest: ReturnType<typeof createHash>): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) throw new TooLarge();
      digest.update(chunk);
      controller.enqueue(chunk);
    },
  });
}

/**
 * Reads a bill as it comes in and hands its texts on in parts; no more than one is in memory. One
 * row that can't be read refuses the whole: half a bill would be full of false differences.
 */
export async function readBill(
  body: ReadableStream<Uint8Array>,
  keep: (lines: readonly BilledText[]) => Promise<void>,
): Promise<Result<{ readonly digest: string; readonly rows: number }, BillFault>> {
  const digest = createHash("sha256");
  const rows = body.pipeThrough(measured(digest)).pipeThrough(
    parse({
      bom: true,
      columns: (names: string[]) => names.map((name) => name.trim().toLowerCase()),
      record_delimiter: ["\r\n", "\n"],
      skip_empty_lines: true,
      max_record_size: LONGEST_ROW,
    }) as unknown as ReadableWritablePair<Cells, Uint8Array>,
  );
  let held: BilledText[] = [];
  let row = 0;
  try {
    for await (const cells of rows) {
      if (row === 0 && !("message_id" in cells || "provider_message_id" in cells)) {
        return fail({ kind: "no-name" });
      }
      const line = readRow(cells, ++row);
      if (!line.ok) return line;
      held.push(line.value);
      if (held.length < LINES_AT_ONCE) continue;
      await keep(held);
      held = [];
    }
  } catch (error) {
    if (error instanceof TooLarge) return fail({ kind: "too-large" });
    if (error instanceof CsvError) return fail({ kind: "unreadable" });
    throw error;
  }
  if (row === 0) return fail({ kind: "empty" });
  if (held.length > 0) await keep(held);
  return ok({ digest: digest.digest("hex"), rows: row });
}
