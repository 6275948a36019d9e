import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { HOUR, MINUTE } from "../../src/lib/time.ts";
import { HALF_LIFE, ScoreBook, type ScoreKey } from "../../src/routing/scores.ts";
import { deleteScores, loadScores, saveScores } from "../../src/routing/store.ts";

const db = openDatabase(env.DB);
const START = 1_700_000_000_000;
const store = (now = START) => ({
  save: (changes: Parameters<typeof saveScores>[1]) => saveScores(db, changes),
  load: () => loadScores(db, now),
});
const key: ScoreKey = { account: "acc_1", country: "CN", carrier: "mobile", category: "otp" };

beforeEach(async () => {
  await deleteScores(db, "acc_1");
});

const bookOf = (good: number, bad: number, now = START) => {
  const book = new ScoreBook();
  for (let n = 0; n < good; n++) book.note(key, true, now);
  for (let n = 0; n < bad; n++) book.note(key, false, now);
  return book;
};

describe("what was learned", () => {
  it("counts half after six hours", () => {
    const book = bookOf(80, 20);
    expect(book.read(key, START)).toEqual({ good: 80, bad: 20 });
    expect(book.read(key, START + HALF_LIFE)).toEqual({ good: 40, bad: 10 });
    book.note(key, true, START + HALF_LIFE);
    expect(book.read(key, START + HALF_LIFE)).toEqual({ good: 41, bad: 10 });
  });

  it("is apart for each account, country, carrier and category", () => {
    const book = bookOf(1, 0);
    for (const other of [
      { account: "acc_2" },
      { country: "US" },
      { carrier: null },
      { category: "marketing" as const },
    ]) {
      expect(book.read({ ...key, ...other }, START)).toEqual({ good: 0, bad: 0 });
    }
  });

  it("survives the process, with a carrier or without", async () => {
    const book = bookOf(3, 1);
    book.note({ ...key, carrier: null }, false, START);
    await book.sync(store(), START);
    const reborn = new ScoreBook();
    await reborn.sync(store(), START);
    expect(reborn.read(key, START)).toEqual({ good: 3, bad: 1 });
    expect(reborn.read({ ...key, carrier: null }, START)).toEqual({ good: 0, bad: 1 });
  });

  it("adds up over isolates that learn side by side, faded by its age", async () => {
    const [one, other] = [bookOf(8, 4), bookOf(2, 2, START + HALF_LIFE)];
    await one.sync(store(), START);
    await other.sync(store(), START + HALF_LIFE);
    expect(other.read(key, START + HALF_LIFE)).toEqual({ good: 6, bad: 4 });
    const late = bookOf(4, 0);
    await late.sync(store(), START + HALF_LIFE);
    expect(late.read(key, START + HALF_LIFE)).toEqual({ good: 8, bad: 4 });
  });

  it("is counted once, however often it is synced", async () => {
    const book = bookOf(5, 5);
    await book.sync(store(), START);
    await book.sync(store(), START + MINUTE);
    expect(book.read(key, START)).toEqual({ good: 5, bad: 5 });
  });

  it("is kept when it can't be stored", async () => {
    const book = bookOf(2, 0);
    const broken = { ...store(), save: () => Promise.reject(new Error("no database")) };
    await expect(book.sync(broken, START)).rejects.toThrow("no database");
    book.note(key, true, START);
    expect(book.read(key, START)).toEqual({ good: 3, bad: 0 });
    await book.sync(store(), START);
    expect(book.read(key, START)).toEqual({ good: 3, bad: 0 });
  });

  it("is exchanged once a minute, and forgotten after days", async () => {
    const book = bookOf(1, 0);
    expect(book.isDue(START)).toBe(true);
    await book.sync(store(), START);
    expect(book.isDue(START + MINUTE - 1)).toBe(false);
    expect(book.isDue(START + MINUTE)).toBe(true);
    const muchLater = START + 30 * 24 * HOUR;
    await book.sync(store(muchLater), muchLater);
    expect(book.read(key, START)).toEqual({ good: 0, bad: 0 });
  });
});
