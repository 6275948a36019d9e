/** A text as it is compared, with the way back to the original. */
export interface Folded {
  readonly text: string;
  /** UTF-16 indices in the original: where each unit of `text` begins and ends. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

export interface Squeezed extends Folded {
  /** Whether something that can be seen was left out before the unit. */
  readonly gaps: readonly boolean[];
}

/** A stretch of the original, in UTF-16 indices. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

// Zero-width characters, variation selectors, soft hyphens, fillers, tags; accents of their own.
const UNSEEN = /^[\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}]$/u;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** Hanzi of everyday use: by far the most, and each is its own fold. */
const isHanzi = (unit: number): boolean => unit >= 0x4e00 && unit <= 0x9fff;

const foldOne = (char: string): string => {
  if (UNSEEN.test(char)) return "";
  return char.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
};

/** One spelling of whatever looks the same: width, case, accents and what can't be seen. */
export function fold(original: string): Folded {
  const starts: number[] = [];
  const ends: number[] = [];
  let text = "";
  let at = 0;
  for (const char of original) {
    const end = at + char.length;
    const folded = isHanzi(char.charCodeAt(0)) ? char : foldOne(char);
    for (let i = 0; i < folded.length; i++) {
      starts.push(at);
      ends.push(end);
    }
    text += folded;
    at = end;
  }
  return { text, starts, ends };
}

/** A percent sign means something behind a number; an apostrophe parts no word. */
const isKept = (char: string, before: string): boolean =>
  LETTER_OR_DIGIT.test(char) || (char === "%" && (before === "" || /\d/.test(before)));
const isApostrophe = (char: string): boolean => char === "'" || char === "’";

/** Letters and digits alone: blanks, punctuation, stars and emoji between them are left out. */
export function squeeze(folded: Folded): Squeezed {
  const starts: number[] = [];
  const ends: number[] = [];
  const gaps: boolean[] = [];
  let text = "";
  let at = 0;
  let isGap = true;
  for (const char of folded.text) {
    if (isKept(char, text.slice(-1))) {
      for (let i = 0; i < char.length; i++) {
        starts.push(folded.starts[at + i] ?? 0);
        ends.push(folded.ends[at + i] ?? 0);
        gaps.push(isGap && i === 0);
      }
      text += char;
      isGap = false;
    } else if (!isApostrophe(char)) {
      isGap = true;
    }
    at += char.length;
  }
  return { text, starts, ends, gaps };
}

/** Where a stretch of the folded text stands in the original. */
export const spanOf = (folded: Folded, start: number, end: number): Span => ({
  start: folded.starts[start] ?? 0,
  end: folded.ends[end - 1] ?? 0,
});

export const isWithin = (one: Span, other: Span): boolean =>
  one.start >= other.start && one.end <= other.end;

export const overlaps = (one: Span, other: Span): boolean =>
  one.start < other.end && other.start < one.end;
