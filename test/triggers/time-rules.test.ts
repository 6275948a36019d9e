import { describe, expect, it } from "vitest";
import { filterOf, occasionOf, type Person, spanToDo } from "../../src/triggers/time-rules.ts";

const storefront = { timezone: "Asia/Shanghai" };
const at = (text: string): number => Date.parse(text);
const around = (text: string) => ({ from: at(text) - 900_000, to: at(text) });
const aRule = (event: string, days = 0) => ({
  id: "rul_1",
  event,
  timing: { atMinute: 600, days },
});
const aPerson = (change: Partial<Person>): Person => ({
  id: "ctc_1",
  e164: "+8613800138000",
  country: "CN",
  timezone: null,
  city: null,
  birthday: null,
  lastOrderAt: null,
  pointsExpireOn: null,
  points: null,
  ...change,
});

describe("a birthday", () => {
  const rule = aRule("time.birthday");
  const idAt = (person: Person, time: string) =>
    occasionOf(rule, person, storefront, around(time))?.id;

  it.each([
    ["Asia/Shanghai", "2026-05-20T02:00:00Z"],
    ["America/New_York", "2026-05-20T14:00:00Z"],
    ["Pacific/Auckland", "2026-05-19T22:00:00Z"],
    ["Pacific/Pago_Pago", "2026-05-20T21:00:00Z"],
  ])("is at ten in the morning of %s, and at no other time", (timezone, time) => {
    const person = aPerson({ timezone, birthday: "1990-05-20" });
    expect(idAt(person, time)).toBe("rul_1:ctc_1:2026");
    const others = Array.from({ length: 288 }, (_, step) => {
      const to = at(time) + (step - 144) * 900_000;
      return occasionOf(rule, person, storefront, { from: to - 900_000, to });
    });
    expect(others.filter((one) => one !== null)).toHaveLength(1);
  });

  it.each([
    ["2026-02-28T02:00:00Z", "rul_1:ctc_1:2026"],
    ["2026-03-01T02:00:00Z", undefined],
    ["2028-02-28T02:00:00Z", undefined],
    ["2028-02-29T02:00:00Z", "rul_1:ctc_1:2028"],
  ])("of 29 February at %s is %s", (time, id) => {
    expect(idAt(aPerson({ birthday: "02-29" }), time)).toBe(id);
  });
});

describe("days without an order", () => {
  it("are counted where the person is", () => {
    const lastOrderAt = at("2026-05-01T23:30:00Z");
    const rule = aRule("time.inactive", 30);
    const here = aPerson({ lastOrderAt });
    const there = aPerson({ lastOrderAt, timezone: "America/New_York" });
    expect(occasionOf(rule, here, storefront, around("2026-06-01T02:00:00Z"))).toMatchObject({
      id: "rul_1:ctc_1:2026-05-02",
      data: { days: 30, last_order_on: "2026-05-02" },
    });
    expect(occasionOf(rule, there, storefront, around("2026-06-01T14:00:00Z"))).toBeNull();
    expect(occasionOf(rule, there, storefront, around("2026-05-31T14:00:00Z"))).not.toBeNull();
  });
});

it("points are told of so many days before they expire", () => {
  const person = aPerson({ pointsExpireOn: "2026-06-08", points: 120 });
  const rule = aRule("time.points_expiring", 7);
  expect(occasionOf(rule, person, storefront, around("2026-06-01T02:00:00Z"))).toMatchObject({
    data: { expires_on: "2026-06-08", points: 120 },
  });
  expect(occasionOf(rule, person, storefront, around("2026-06-02T02:00:00Z"))).toBeNull();
});

describe("what is asked of the contacts", () => {
  it("holds the dates of all zones, and 29 February beside the 28th", () => {
    const filter = filterOf(aRule("time.birthday"), around("2026-02-28T02:00:00Z"));
    const { birthdays } = filter as { birthdays: string[] };
    expect(birthdays).toEqual(expect.arrayContaining(["02-27", "02-28", "03-01", "02-29"]));
    expect(birthdays.length).toBeLessThan(7);
  });

  it("holds every order that the days may be counted from", () => {
    const span = around("2026-06-01T02:00:00Z");
    const filter = filterOf(aRule("time.inactive", 30), span);
    const { lastOrder } = filter as { lastOrder: { from: number; to: number } };
    expect(lastOrder.from).toBeLessThanOrEqual(at("2026-05-01T16:00:00Z"));
    expect(lastOrder.to).toBeGreaterThanOrEqual(at("2026-05-02T16:00:00Z"));
  });
});

describe("people are looked through", () => {
  it("once a quarter of an hour, from where it was left", () => {
    const ten = at("2026-06-01T02:00:00Z");
    expect(spanToDo(ten, ten + 899_999)).toBeNull();
    expect(spanToDo(ten - 1, ten)).toEqual({ from: ten - 1, to: ten });
  });

  it("for the last day alone after a long stop", () => {
    const now = at("2026-06-01T02:00:00Z");
    expect(spanToDo(now - 30 * 86_400_000, now)).toEqual({ from: now - 86_400_000, to: now });
  });
});
