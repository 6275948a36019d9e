import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { qrModules, qrPng, qrSvg } from "../../src/links/qr.ts";

const LINK = "https://shop.example/l/Ab3dE5gh";
const RIM = 4;

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** Whether a module is none of the data's, in codes of versions 2 and 3. */
function isFunction(x: number, y: number, size: number): boolean {
  const inFinder = (x < 9 && y < 9) || (x < 9 && y >= size - 8) || (x >= size - 8 && y < 9);
  const inAlignment = Math.abs(x - (size - 7)) <= 2 && Math.abs(y - (size - 7)) <= 2;
  return inFinder || inAlignment || x === 6 || y === 6;
}

/** Reads a code as ISO 18004 says: of bytes, in one block of versions 2 and 3. */
function readQr(rows: readonly (readonly boolean[])[]): string {
  const size = rows.length;
  const dark = (x: number, y: number) => rows[y]?.[x] === true;
  const format = [2, 3, 4].reduce((bits, x) => (bits << 1) | Number(dark(x, 8)), 0) ^ 0b101;
  const mask = MASKS[format];
  if (!mask) throw new Error("no mask");
  const bits: number[] = [];
  let upward = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right--;
    for (let step = 0; step < size; step++) {
      const y = upward ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (!isFunction(x, y, size)) bits.push(Number(dark(x, y) !== mask(x, y)));
      }
    }
    upward = !upward;
  }
  const number = (from: number, length: number) =>
    bits.slice(from, from + length).reduce((sum, bit) => sum * 2 + bit, 0);
  if (number(0, 4) !== 4) throw new Error("no bytes");
  const bytes = Array.from({ length: number(4, 8) }, (_, index) => number(12 + index * 8, 8));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

const withoutRim = (rows: readonly (readonly boolean[])[]) =>
  rows.slice(RIM, -RIM).map((row) => row.slice(RIM, -RIM));

describe("a QR code", () => {
  it.each([LINK, "http://h.cn/l/Ab3dE5gh", "https://商城.cn/新品"])("of %s reads so", (text) => {
    expect(readQr(withoutRim(qrModules(text)))).toBe(text);
  });

  it.each([64, 200, 512, 2_048])("as a PNG of %i pixels has each module in its place", (size) => {
    const rows = qrModules(LINK);
    const { width, height, channels, data } = decode(qrPng(LINK, size));
    expect([width, height, channels]).toEqual([size, size, 1]);
    const scale = Math.floor(size / rows.length);
    const rim = Math.floor((size - scale * rows.length) / 2);
    const middle = (index: number) => rim + index * scale + Math.floor(scale / 2);
    const seen = rows.map((row, y) => row.map((_, x) => data[middle(y) * width + middle(x)] === 0));
    expect(seen).toEqual(rows);
    expect(readQr(withoutRim(seen))).toBe(LINK);
    expect(new Set(data)).toEqual(new Set([0, 255]));
  });

  it("as a PNG is no smaller than its modules", () => {
    const long = "x".repeat(2_000);
    const rows = qrModules(long);
    expect(decode(qrPng(long, 64)).width).toBe(rows.length);
  });

  it("as an SVG draws the same modules", () => {
    const rows = qrModules(LINK);
    const svg = qrSvg(LINK, 300);
    expect(svg).toContain(`width="300" height="300" viewBox="0 0 ${rows.length} ${rows.length}"`);
    const drawn = rows.map((row) => row.map(() => false));
    for (const [, x = "", y = ""] of svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
      const row = drawn[Number(y)];
      if (row) row[Number(x)] = true;
    }
    expect(drawn).toEqual(rows);
  });
});
