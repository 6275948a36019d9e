import { encode as encodePng } from "fast-png";
import { encode, type QrCodeGenerateOptions } from "uqr";

/** The white rim that the standard asks for, in modules; mended are 15 of 100 of them. */
const SHAPE: QrCodeGenerateOptions = { border: 4, ecc: "M" };

/** Bytes of UTF-8 at most that a code of this strength holds. */
export const LONGEST_QR = 2_331;

/** The code of a text in rows of modules, true for black, rim and all. */
export const qrModules = (text: string): boolean[][] => encode(text, SHAPE).data;

/** As wide as asked for, at any scale sharp. */
export function qrSvg(text: string, size: number): string {
  const rows = qrModules(text);
  const black = rows.flatMap((row, y) =>
    row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : [])),
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"` +
    ` viewBox="0 0 ${rows.length} ${rows.length}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${rows.length}v${rows.length}H0z"/>` +
    `<path d="${black.join("")}"/></svg>`
  );
}

/**
 * As wide as asked for, or as the modules need: each is a whole number of pixels, and what is left
 * over goes to the rim.
 */
export function qrPng(text: string, size: number): Uint8Array {
  const rows = qrModules(text);
  const scale = Math.max(1, Math.floor(size / rows.length));
  const width = Math.max(size, rows.length);
  const rim = Math.floor((width - scale * rows.length) / 2);
  const data = new Uint8Array(width * width).fill(255);
  for (const [y, row] of rows.entries()) {
    for (const [x, dark] of row.entries()) {
      if (!dark) continue;
      for (let line = 0; line < scale; line++) {
        const from = (rim + y * scale + line) * width + rim + x * scale;
        data.fill(0, from, from + scale);
      }
    }
  }
  return encodePng({ width, height: width, data, depth: 8, channels: 1 });
}
