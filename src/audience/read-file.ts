import { type CsvError, parse } from "csv-parse/sync";
import { fail, ok, type Result } from "../lib/result.ts";
import { type Column, cellsToRow } from "./columns.ts";
import type { FileRecord } from "./records.ts";

/** How the rows of a file are written. */
export interface FileKind {
  readonly format: "csv" | "ndjson";
  readonly encoding: "utf-8" | "gb18030";
  /** Null: each line is a JSON object. */
  readonly delimiter: "," | ";" | "\t" | null;
}

/** Why a row is none, in both languages. */
export type RowFault = string;

const FAULTS: Readonly<Record<NonNullable<FileRecord["fault"]>, RowFault>> = {
  "unclosed-quote": "has a quote that is not closed · 引号未闭合",
  "too-long": "is too long · 行过长",
};

/** Tells the delimiter from the line with the columns' names. */
export function delimiterOf(header: Uint8Array): "," | ";" | "\t" {
  const count = (character: string) =>
    header.reduce((sum, byte) => sum + (byte === character.charCodeAt(0) ? 1 : 0), 0);
  const [semicolons, tabs, commas] = [count(";"), count("\t"), count(",")];
  if (semicolons > commas && semicolons >= tabs) return ";";
  return tabs > commas ? "\t" : ",";
}

function parseCells(text: string, delimiter: string): string[][] {
  return parse(text, {
    delimiter,
    record_delimiter: ["\r\n", "\n"],
    relax_column_count: true,
    relax_quotes: true,
  });
}

/** The cells of each text; null of one that can't be told apart. */
function cellsOf(texts: readonly string[], delimiter: string): (readonly string[] | null)[] {
  const whole = tryParse(texts.join("\n"), delimiter);
  if (whole?.length === texts.length) return whole;
  // One of them is not what it looked like: alone it spoils no other.
  return texts.map((text) => {
    const [cells, more] = tryParse(text, delimiter) ?? [];
    return cells && !more ? cells : null;
  });
}

function tryParse(text: string, delimiter: string): string[][] | null {
  try {
    return parseCells(text, delimiter);
  } catch (error) {
    if ((error as CsvError).code) return null;
    throw error;
  }
}

function decode(record: FileRecord, decoder: TextDecoder): Result<string, RowFault> {
  if (record.fault) return fail(FAULTS[record.fault]);
  try {
    return ok(decoder.decode(record.bytes));
  } catch {
    return fail("is not written in the file's encoding · 不符合文件编码");
  }
}

export type ReadRow = Result<Readonly<Record<string, unknown>>, RowFault>;

function parseLine(text: string): ReadRow {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return ok(value as Record<string, unknown>);
    }
  } catch {}
  return fail("is no JSON object · 不是 JSON 对象");
}

/** The names in the first line of a CSV file; null when it can't be read. */
export function readHeader(record: FileRecord, kind: FileKind): readonly string[] | null {
  const text = decode(record, new TextDecoder(kind.encoding, { fatal: true, ignoreBOM: false }));
  return (text.ok && cellsOf([text.value], kind.delimiter ?? ",")[0]) || null;
}

/** Rows as objects, each by itself: a bad one spoils no other. */
export function readRows(
  records: readonly FileRecord[],
  kind: FileKind,
  columns: readonly Column[],
): ReadRow[] {
  const decoder = new TextDecoder(kind.encoding, { fatal: true, ignoreBOM: false });
  const texts = records.map((record) => decode(record, decoder));
  const { delimiter } = kind;
  if (delimiter === null) return texts.map((text) => (text.ok ? parseLine(text.value) : text));
  const cells = cellsOf(
    texts.flatMap((text) => (text.ok ? [text.value] : [])),
    delimiter,
  ).values();
  return texts.map((text) => {
    if (!text.ok) return text;
    const own = cells.next().value;
    return own ? cellsToRow(own, columns) : fail("can't be told apart into columns · 无法分列");
  });
}
