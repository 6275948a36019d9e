import { expect, it } from "vitest";
import { UseBook } from "../../src/access/uses.ts";

it("a key's use is written down at once, and then once a minute", () => {
  const book = new UseBook();
  expect(book.isDue("key_1", 0)).toBe(true);
  expect(book.isDue("key_1", 59_999)).toBe(false);
  expect(book.isDue("key_2", 59_999)).toBe(true);
  expect(book.isDue("key_1", 60_000)).toBe(true);
  expect(book.isDue("key_1", 60_001)).toBe(false);
});
