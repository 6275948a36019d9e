import { type Composed, isInFreeValue } from "./compose.ts";
import type { Hit } from "./finding.ts";
import { type Span, spanOf } from "./fold.ts";
import { isWholeWord } from "./wording.ts";

const DIGITS = /(?<![a-z\d])\+?\d+(?![a-z\d])/g;
/** An hour of a day parts two numbers; it is no part of one. */
const HOURS = /(?<!\d)(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)/g;
const SEPARATOR = /^[^\p{L}\p{N}]{1,3}$/u;
const MOBILE = /^(?:00|\+)?(?:86)?1[3-9]\d{9}$/;
const INTERNATIONAL = /^\+\d{8,15}$/;
const LONGEST_NUMBER = 16;

/** Stretches of the folded text that can be dialled, however their digits are grouped. */
function dialled(text: string): { readonly start: number; readonly end: number }[] {
  const groups = [...text.replace(HOURS, (hour) => " ".repeat(hour.length)).matchAll(DIGITS)].map(
    (match) => ({ start: match.index, end: match.index + match[0].length, digits: match[0] }),
  );
  const found: { start: number; end: number }[] = [];
  for (const [index, first] of groups.entries()) {
    if (first.start < (found.at(-1)?.end ?? 0)) continue;
    let number = "";
    let last = first;
    let end: number | null = null;
    for (const group of groups.slice(index, index + LONGEST_NUMBER)) {
      if (group !== first && !SEPARATOR.test(text.slice(last.end, group.start))) break;
      number += group.digits;
      last = group;
      if (number.length > LONGEST_NUMBER) break;
      if (MOBILE.test(number) || INTERNATIONAL.test(number)) end = group.end;
    }
    if (end !== null) found.push({ start: first.start, end });
  }
  return found;
}

/** A messenger by any of its names, and behind it what may be an account there. */
const ACCOUNT =
  /(?:微信|薇信|威信|微x|v信|wechat|weixin|vx|qq|扣扣|whatsapp|telegram|kakao)(?:号|號|群|id)?(?=[a-z]*\d)[a-z0-9]{5,}/g;

/** Numbers and messenger accounts in values: a template says what is filed, a value says anything. */
export function findContacts(composed: Composed): Hit[] {
  const { folded, squeezed } = composed;
  const accounts = [...squeezed.text.matchAll(ACCOUNT)]
    .map((match) => ({ start: match.index, end: match.index + match[0].length }))
    .filter(({ start, end }) => isWholeWord(squeezed, start, end))
    .map(({ start, end }) => spanOf(squeezed, start, end));
  const numbers = dialled(folded.text).map(({ start, end }) => spanOf(folded, start, end));
  return [...numbers, ...accounts]
    .filter((span: Span) => isInFreeValue(composed, span))
    .map((span) => ({ kind: "contact", severity: "refuse", ...span }));
}
