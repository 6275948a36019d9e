import { describe, expect, it } from "vitest";
import { delayDefaults, delayVerdict } from "../../src/compliance/delay.ts";
import { numberDefaults, numberVerdict } from "../../src/compliance/number.ts";
import { NOW } from "./builders.ts";

const HOUR = 3_600_000;

describe("a number", () => {
  const errand = (storefront: string, purpose: string, ago: number) => ({
    storefront,
    purpose,
    at: NOW - ago,
  });
  const judge = (errands: ReturnType<typeof errand>[], storefront: string, purpose: string) =>
    numberVerdict({ errands, storefront, purpose, sentAt: [] }, numberDefaults, NOW);

  it("has codes of three storefronts a day", () => {
    const errands = [1, 2, 3].map((n) => errand(`sto_${n}`, "login", (10 - n) * HOUR));
    expect(judge(errands, "sto_3", "login")).toBeNull();
    expect(judge(errands, "sto_4", "login")).toMatchObject({
      demand: "limit",
      until: NOW + 15 * HOUR,
    });
    expect(judge(errands.slice(1), "sto_4", "login")).toBeNull();
  });

  it("has forty texts a day over all storefronts, whatever each of them lets it have", () => {
    const errands = [errand("sto_1", "login", HOUR)];
    const about = { errands, storefront: "sto_1", purpose: "login" };
    const texts = (count: number) => Array.from({ length: count }, (_, i) => NOW - i * 1_000);
    const judgeAll = (sentAt: number[]) => numberVerdict({ ...about, sentAt }, numberDefaults, NOW);
    expect(judgeAll(texts(39))).toBeNull();
    expect(judgeAll(texts(40))).toMatchObject({ demand: "limit", until: NOW + 24 * HOUR - 39_000 });
    expect(judgeAll(texts(40).map((at) => at - 24 * HOUR))).toBeNull();
  });

  it("has codes for three purposes a day", () => {
    const errands = ["login", "register", "payment"].map((one) => errand("sto_1", one, 24 * HOUR));
    expect(judge(errands, "sto_1", "account_change")).toBeNull();
    const today = errands.map((one) => ({ ...one, at: NOW - HOUR }));
    expect(judge(today, "sto_1", "account_change")).toMatchObject({ demand: "limit" });
    expect(judge(today, "sto_1", "payment")).toBeNull();
  });
});

describe("the wait after a text", () => {
  it.each([
    [1, 60],
    [2, 60],
    [3, 120],
    [4, 300],
    [5, 900],
    [9, 900],
  ])("is, after %i within an hour, %i seconds", (count, seconds) => {
    const sentAt = Array.from({ length: count }, (_, i) => NOW - 1_000 * i);
    const judge = (now: number) => delayVerdict({ sentAt }, delayDefaults, now);
    expect(judge(NOW)?.until).toBe(NOW + seconds * 1_000);
    expect(judge(NOW + seconds * 1_000)).toBeNull();
  });

  it("is none for texts of more than an hour ago", () => {
    expect(delayVerdict({ sentAt: [NOW - HOUR] }, delayDefaults, NOW)).toBeNull();
  });
});
