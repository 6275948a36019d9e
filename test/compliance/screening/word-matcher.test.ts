import { describe, expect, it } from "vitest";
import { WordMatcher } from "../../../src/compliance/screening/word-matcher.ts";

const found = (words: readonly string[], text: string) =>
  new WordMatcher(words).find(text).map(({ word, start, end }) => {
    expect(text.slice(start, end)).toBe(words[word]);
    return `${words[word]}@${start}`;
  });

describe("a matcher", () => {
  it("finds words that overlap, and words within words", () => {
    expect(found(["he", "she", "his", "hers"], "ushers")).toEqual(["she@1", "he@2", "hers@2"]);
    expect(found(["aa"], "aaaa")).toEqual(["aa@0", "aa@1", "aa@2"]);
    expect(found(["abcd", "bc"], "abcx")).toEqual(["bc@1"]);
  });

  it("goes on with the longest beginning that still fits", () => {
    expect(found(["ababc", "babd"], "abababcbabd")).toEqual(["ababc@2", "babd@7"]);
  });

  it("finds nothing where there is nothing", () => {
    expect(found([], "anything")).toEqual([]);
    expect(found([""], "anything")).toEqual([]);
    expect(found(["word"], "")).toEqual([]);
  });

  it("finds what a plain search finds, among words of a small alphabet", () => {
    let seed = 7;
    const draw = (most: number) => {
      seed = (seed * 48_271) % 0x7fffffff;
      return seed % most;
    };
    const word = (length: number) => Array.from({ length }, () => "ab优惠"[draw(4)]).join("");
    const words = [...new Set(Array.from({ length: 60 }, () => word(1 + draw(5))))];
    const text = word(500);
    const plain = words.flatMap((one) =>
      Array.from({ length: text.length }, (_, at) => at)
        .filter((at) => text.startsWith(one, at))
        .map((at) => `${one}@${at}`),
    );
    expect(found(words, text).sort()).toEqual(plain.sort());
  });
});
