import { describe, expect, it } from "vitest";
import { MINUTE, SECOND } from "../../src/lib/time.ts";
import { HealthBook } from "../../src/routing/health.ts";

const now = 1_000_000;

describe("an account in trouble", () => {
  it("is passed over from the first trouble on, and tried by one request after its rest", () => {
    const book = new HealthBook();
    expect(book.ask("a", now).passedOver).toBe(false);
    book.note("a", "silent", now);
    expect(book.ask("a", now).passedOver).toBe(true);
    expect(book.ask("a", now + 10 * SECOND - 1).passedOver).toBe(true);
    expect(book.ask("a", now + 10 * SECOND).passedOver).toBe(false);
    expect(book.ask("a", now + 10 * SECOND).passedOver).toBe(true);
    expect(book.ask("b", now).passedOver).toBe(false);
  });

  it("is back after one success, and rests longer after each failed try, up to two minutes", () => {
    const book = new HealthBook();
    let at = now;
    const rests = [10, 20, 40, 80, 120, 120].map((seconds) => seconds * SECOND);
    for (const rest of rests) {
      book.note("a", "refusing", at);
      expect(book.ask("a", at + rest - 1).passedOver).toBe(true);
      expect(book.ask("a", at + rest).passedOver).toBe(false);
      at += rest;
    }
    book.note("a", "well", at);
    expect(book.ask("a", at).passedOver).toBe(false);
    expect(rests.at(-1)).toBe(2 * MINUTE);
  });

  it("is not punished again for requests that were under way when its rest began", () => {
    const book = new HealthBook();
    for (let i = 0; i < 100; i++) book.note("a", "silent", now + i);
    expect(book.ask("a", now + 10 * SECOND).passedOver).toBe(false);
  });
});
