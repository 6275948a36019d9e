import { describe, expect, it } from "vitest";
import { fold, spanOf, squeeze } from "../../../src/compliance/screening/fold.ts";

const squeezed = (text: string) => squeeze(fold(text)).text;

describe("a text that is compared", () => {
  it.each([
    ["ＳＡＬＥ", "sale"],
    ["s\u200Ba\u2060l\uFEFFe", "sale"],
    ["S * A · L ★ E", "sale"],
    ["sal\u0065\u0301", "sale"],
    ["salé", "sale"],
    ["优\u00AD惠", "优惠"],
    ["优🎁惠", "优惠"],
    ["优 惠", "优惠"],
    ["【优*惠】", "优惠"],
    ["①②", "12"],
    ["10 % off", "10%off"],
    ["s%a%l%e", "sale"],
  ])("has one spelling of %j", (text, spelling) => {
    expect(squeezed(text)).toBe(spelling);
  });

  it("knows where each part stands in the original, in UTF-16 units", () => {
    const original = "🎁🎁 优\u200B，惠 and ﬁn";
    const seen = squeeze(fold(original));
    const words = (word: string) => {
      const start = seen.text.indexOf(word);
      const span = spanOf(seen, start, start + word.length);
      return original.slice(span.start, span.end);
    };
    expect(words("优惠")).toBe("优\u200B，惠");
    expect(words("and")).toBe("and");
    expect(words("fin")).toBe("ﬁn");
  });
});
