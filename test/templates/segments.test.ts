import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findCulprits, measureText } from "../../src/templates/segments.ts";

const abroad = (text: string) => measureText(text, { mainland: false });
const home = (text: string) => measureText(text, { mainland: true });

/** Another way to the same number: try every split, as a handset that joins the parts would. */
function naiveSegments(widths: readonly number[], single: number, joined: number): number {
  if (widths.reduce((a, b) => a + b, 0) <= single) return 1;
  const rest = [...widths];
  let parts = 0;
  while (rest.length > 0) {
    parts++;
    let room = joined;
    while (rest.length > 0 && (rest[0] ?? 0) <= room) room -= rest.shift() ?? 0;
  }
  return parts;
}

const plain = fc.constantFrom(..."abcXYZ 019@£$_ΔÅé\n!?/");
const escaped = fc.constantFrom(..."^{}\\[~]|€");
const wide = fc.constantFrom("中", "’", "ñ́", "Ж", "😀", "👍", "𠀀");
const texts = (...kinds: fc.Arbitrary<string>[]) =>
  fc.string({ unit: fc.oneof(...kinds), maxLength: 500, size: "max" });

describe("a text's length", () => {
  it.each([
    ["x".repeat(160), "gsm7", 160, 1],
    ["x".repeat(161), "gsm7", 161, 2],
    ["x".repeat(306), "gsm7", 306, 2],
    ["x".repeat(307), "gsm7", 307, 3],
    ["€".repeat(80), "gsm7", 160, 1],
    [`${"x".repeat(159)}€`, "gsm7", 161, 2],
    // 152 and an escape don't share 153: the second segment begins with the sign.
    [`${"x".repeat(152)}€${"x".repeat(151)}`, "gsm7", 305, 2],
    [`${"x".repeat(152)}€${"x".repeat(152)}`, "gsm7", 306, 3],
    ["\f", "gsm7", 2, 1],
    ["中".repeat(70), "ucs2", 70, 1],
    ["中".repeat(71), "ucs2", 71, 2],
    ["中".repeat(134), "ucs2", 134, 2],
    ["中".repeat(135), "ucs2", 135, 3],
    ["😀".repeat(35), "ucs2", 70, 1],
    [`${"中".repeat(66)}😀${"中".repeat(65)}`, "ucs2", 133, 2],
    [`${"中".repeat(66)}😀${"中".repeat(66)}`, "ucs2", 134, 3],
    ["", "gsm7", 0, 1],
  ])("of %j abroad is %s, %i, %i", (text, encoding, length, segments) => {
    expect(abroad(text)).toMatchObject({ encoding, length, segments });
  });

  it.each([
    ["x".repeat(70), 1],
    ["x".repeat(71), 2],
    ["中".repeat(134), 2],
    ["中".repeat(135), 3],
    ["€".repeat(70), 1],
  ])("of %j on the mainland is billed by characters: %i", (text, segments) => {
    expect(home(text)).toMatchObject({ length: text.length, segments });
  });

  it("agrees with a counter that splits", () => {
    fc.assert(
      fc.property(texts(plain, escaped), (text) => {
        const widths = [...text].map((char) => ("^{}\\[~]|€".includes(char) ? 2 : 1));
        expect(abroad(text).segments).toBe(naiveSegments(widths, 160, 153));
      }),
    );
    fc.assert(
      fc.property(texts(plain, escaped, wide), (text) => {
        fc.pre(/[^\n -~£éÅΔ€]/u.test(text));
        const widths = [...text].map((char) => char.length);
        expect(abroad(text).segments).toBe(naiveSegments(widths, 70, 67));
      }),
    );
  });
});

describe("the culprits of a text", () => {
  it.each([
    ["’", "'"],
    ["“", '"'],
    ["–", "-"],
    ["…", "..."],
    ["\u00a0", " "],
    ["Ａ", "A"],
    ["，", ","],
    ["\u200b", ""],
  ])("%j could be %j", (char, replacement) => {
    expect(findCulprits(`a${char}`)).toEqual([{ char, index: 1, replacement }]);
  });

  it("without a likeness are named alone, each where it stands", () => {
    expect(findCulprits("😀中")).toEqual([
      { char: "😀", index: 0 },
      { char: "中", index: 2 },
    ]);
  });

  it("once replaced leave GSM-7", () => {
    fc.assert(
      fc.property(texts(plain, fc.constantFrom(..."’“”–—…　＋")), (text) => {
        let replaced = text;
        for (const { index, char, replacement } of findCulprits(text).toReversed()) {
          const after = replaced.slice(index + char.length);
          replaced = replaced.slice(0, index) + replacement + after;
        }
        expect(abroad(replaced).encoding).toBe("gsm7");
      }),
    );
  });
});
