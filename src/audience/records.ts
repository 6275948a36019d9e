/** A record that takes more bytes than this has lost its end. */
export const LONGEST_RECORD = 64 * 1024;

export const LF = 0x0a;
const [CR, QUOTE] = [0x0d, 0x22];

export type Fault = "unclosed-quote" | "too-long";

/** A row of a file, as bytes. */
export interface FileRecord {
  readonly bytes: Uint8Array;
  readonly fault: Fault | null;
}

export interface Cut {
  readonly records: readonly FileRecord[];
  /** Where the next record begins. */
  readonly next: number;
  /** The last record's line goes on there: what is left of it is no record. */
  readonly isAmidLine: boolean;
}

/** Where the record ends that begins at `from`, behind its line feed; -1 where that is not to be seen. */
function endOf(bytes: Uint8Array, from: number, delimiter: number | null): number {
  if (delimiter === null) return bytes.indexOf(LF, from) + 1 || -1;
  let isQuoted = false;
  let beginsField = true;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isQuoted) {
      if (byte !== QUOTE) continue;
      if (bytes[at + 1] === QUOTE) at++;
      else isQuoted = false;
    } else if (byte === LF) {
      return at + 1;
    } else {
      isQuoted = byte === QUOTE && beginsField;
      beginsField = byte === delimiter;
    }
  }
  return isQuoted ? -2 : -1;
}

function withoutEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === LF || bytes[end - 1] === CR)) end--;
  return bytes.subarray(0, end);
}

/**
 * Cuts up to `most` records off, blank ones left out. It works on bytes, so that a place in the file
 * is a number to go on from; in UTF-8 and GB 18030 no part of a character looks like a line feed,
 * a quote or a delimiter. One that does not end costs its own line, whole, and no more. `delimiter` is null
 * where every line is a record.
 */
export function cutRecords(
  bytes: Uint8Array,
  { delimiter, most, isLast }: { delimiter: number | null; most: number; isLast: boolean },
): Cut {
  const records: FileRecord[] = [];
  let next = 0;
  let isAmidLine = false;
  while (records.length < most && next < bytes.length) {
    const start = next;
    const seen = bytes.subarray(start, start + LONGEST_RECORD);
    const end = endOf(seen, 0, delimiter);
    if (end < 0 && !isLast && seen.length < LONGEST_RECORD) break;
    let fault: Fault | null = null;
    let length = end;
    if (end < 0) {
      const isWhole = isLast && start + seen.length === bytes.length;
      if (end === -1 && isWhole) length = seen.length;
      else {
        fault = end === -2 ? "unclosed-quote" : "too-long";
        const feed = bytes.indexOf(LF, start);
        isAmidLine = feed < 0;
        length = (isAmidLine ? bytes.length : feed + 1) - start;
      }
    }
    next = start + length;
    const own = withoutEnd(seen.subarray(0, length));
    if (own.length > 0) records.push({ bytes: own, fault });
  }
  return { records, next, isAmidLine };
}
