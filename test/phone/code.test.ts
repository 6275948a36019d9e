import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ALPHABETS, drawCode, foldCode } from "../../src/phone/code.ts";

describe("a drawn code", () => {
  it.each(["digits", "readable"] as const)(
    "of %s uses each character equally often",
    (alphabet) => {
      const letters = ALPHABETS[alphabet];
      const counts = new Map<string, number>();
      const codes = 40_000;
      for (let i = 0; i < codes; i++) {
        for (const letter of drawCode(alphabet, 6, randomBytes)) {
          counts.set(letter, (counts.get(letter) ?? 0) + 1);
        }
      }
      const expected = (codes * 6) / letters.length;
      const chi = [...letters].reduce(
        (sum, letter) => sum + ((counts.get(letter) ?? 0) - expected) ** 2 / expected,
        0,
      );
      // Six standard deviations of the statistic: a fair source fails once in hundreds of millions of runs.
      const freedom = letters.length - 1;
      expect(chi).toBeLessThan(freedom + 6 * Math.sqrt(2 * freedom));
    },
  );

  it("draws bytes again that would favour some characters", () => {
    const bytes = [250, 255, 251, 3, 7, 249, 0, 0, 0, 0, 0, 0];
    const code = drawCode("digits", 4, () => new Uint8Array(bytes));
    expect(code).toBe("3790");
  });

  it("leaves out what a person confuses", () => {
    expect(ALPHABETS.readable).not.toMatch(/[01ILO]/);
    expect(new Set(ALPHABETS.readable).size).toBe(31);
  });
});

describe("a typed code", () => {
  it("is compared without its spelling", () => {
    expect(foldCode(" １２３４５６\n", "digits")).toBe("123456");
    expect(foldCode("ab2c", "readable")).toBe("AB2C");
    expect(foldCode("12 34", "digits")).toBe("12 34");
  });
});
