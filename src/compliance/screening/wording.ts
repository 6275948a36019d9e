import type { Category } from "../../messages/message.ts";
import { type Composed, isInFreeValue } from "./compose.ts";
import type { Hit } from "./finding.ts";
import { isWithin, type Squeezed, spanOf } from "./fold.ts";
import type { WordList } from "./words.ts";

const LATIN = /\p{Script=Latin}/u;

/** Whether Latin letters at its ends begin and end a word there: a sale is in no wholesale. */
export function isWholeWord({ text, gaps }: Squeezed, start: number, end: number): boolean {
  const parted = (at: number): boolean =>
    at <= 0 ||
    at >= text.length ||
    gaps[at] === true ||
    !LATIN.test(text[at - 1] ?? "") ||
    !LATIN.test(text[at] ?? "");
  return parted(start) && parted(end);
}

/**
 * Words of the list; those of marketing may stand in marketing, contact words in what is filed. A
 * word that is off excuses what stands within it.
 */
export function findWords(composed: Composed, list: WordList, category: Category): Hit[] {
  const { squeezed } = composed;
  const found = list.matcher
    .find(squeezed.text)
    .filter(({ start, end }) => isWholeWord(squeezed, start, end))
    .flatMap(({ word, start, end }) => {
      const entry = list.words[word];
      return entry ? [{ entry, span: spanOf(squeezed, start, end) }] : [];
    });
  const excused = found.filter(({ entry }) => entry.severity === "off").map(({ span }) => span);
  return found.flatMap(({ entry: { category: kind, severity }, span }): Hit[] => {
    if (severity === "off" || excused.some((one) => isWithin(span, one))) return [];
    if (kind === "marketing" && category === "marketing") return [];
    if (kind === "contact" && !isInFreeValue(composed, span)) return [];
    return [{ kind, severity, ...span }];
  });
}
