import { DEFAULT_WORDS } from "./default-words.ts";
import type { Severity, WordCategory } from "./finding.ts";
import { fold, squeeze } from "./fold.ts";
import { WordMatcher } from "./word-matcher.ts";

/** A word as it is imported and exported. */
export interface Word {
  readonly word: string;
  readonly category: WordCategory;
  /** `off`: neither the word is found nor another within it. */
  readonly severity: Severity | "off";
}

export interface ListedWord extends Word {
  /** Letters and digits alone, as texts are compared: one word has one. */
  readonly key: string;
  readonly source: "product" | "storefront";
}

/** Words ready to be looked for; made once a version of the list. */
export interface WordList {
  /** In the order of their keys. */
  readonly words: readonly ListedWord[];
  readonly matcher: WordMatcher;
}

/** What is left of a word when it is compared; empty: it can't be found. */
export const keyOf = (word: string): string => squeeze(fold(word)).text;

/** The product's words, and over them the storefront's own. */
export function buildWordList(own: readonly Word[]): WordList {
  const listed = (source: ListedWord["source"]) => (word: Word) => {
    const key = keyOf(word.word);
    return [key, { ...word, key, source }] as const;
  };
  const byKey = new Map<string, ListedWord>([
    ...DEFAULT_WORDS.map(listed("product")),
    ...own.map(listed("storefront")),
  ]);
  const words = [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  return { words, matcher: new WordMatcher(words.map((one) => one.key)) };
}
