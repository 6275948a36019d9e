const CHINA_OFFSET_MS = 8 * 3_600_000;
export const DAY_MS = 86_400_000;

const chinaIso = (at: number): string => new Date(at + CHINA_OFFSET_MS).toISOString();

/** `yyyy-MM-dd HH:mm:ss` in UTC+8, the form of both vendors' receipts. */
export const chinaTime = (at: number): string => chinaIso(at).slice(0, 19).replace("T", " ");

/** The first millisecond of the window of `length` ms that holds `at`, windows counted in UTC+8. */
export const windowStart = (at: number, length: number): number =>
  at - ((at + CHINA_OFFSET_MS) % length);

/** The first millisecond of a China day written `yyyyMMdd`, or undefined when it is none. */
export function chinaDayStart(day: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(day);
  if (match === null) return undefined;
  const at = Date.parse(`${match[1]}-${match[2]}-${match[3]}T00:00:00+08:00`);
  return Number.isNaN(at) ? undefined : at;
}
