import { expect, it } from "vitest";
import { warningOf } from "../../src/access/expiry.ts";

const DAY = 86_400_000;
const NOW = 1_000 * DAY;

it.each([
  [null, null],
  [NOW + 30 * DAY + 1, null],
  [NOW + 30 * DAY, 30],
  [NOW + 7 * DAY + 1, 30],
  [NOW + 7 * DAY, 7],
  [NOW + DAY, 1],
  [NOW + 1, 1],
  [NOW, null],
])("a key that ends at %s warns of %s days", (expiresAt, days) => {
  expect(warningOf(expiresAt, NOW)).toBe(days);
});
