import { describe, expect, it } from "vitest";
import { atLocalTime, cronFault, firstRunAt, nextRunAt } from "../../src/campaigns/schedule.ts";
import { HOUR } from "../../src/lib/time.ts";

const at = (text: string): number => Date.parse(text);
const iso = (time: number | null): string | null =>
  time === null ? null : new Date(time).toISOString();

describe("a schedule of cron", () => {
  const daily = { cron: "30 9 * * *", timezone: "America/New_York" };

  it("keeps to its zone's clock over the days on which that changes", () => {
    expect(iso(nextRunAt(daily, at("2026-03-07T15:00:00Z")))).toBe("2026-03-08T13:30:00.000Z");
    expect(iso(nextRunAt(daily, at("2026-03-06T15:00:00Z")))).toBe("2026-03-07T14:30:00.000Z");
    expect(iso(nextRunAt(daily, at("2026-10-31T15:00:00Z")))).toBe("2026-11-01T14:30:00.000Z");
  });

  it("comes after now, however many of its times were missed", () => {
    const missed = at("2026-01-10T20:00:00Z");
    expect(iso(nextRunAt(daily, missed))).toBe("2026-01-11T14:30:00.000Z");
    expect(iso(firstRunAt(daily, "Asia/Shanghai", missed))).toBe("2026-01-11T14:30:00.000Z");
  });

  it.each([
    ["0 10 * * 1", null],
    ["*/15 * * * *", null],
    ["*/14 * * * *", "too-often"],
    ["0,50 * * * *", "too-often"],
    ["0 10 * * * *", "not-five-fields"],
    ["61 10 * * *", "not-five-fields"],
    ["every day", "not-five-fields"],
    ["0 0 30 2 *", "never"],
  ])("of %s: %s", (cron, fault) => {
    expect(cronFault({ cron, timezone: "Asia/Shanghai" }, 0)).toBe(fault);
  });
});

describe("a time of each recipient's own day", () => {
  const home = "Asia/Shanghai";
  const ten = at("2026-06-18T02:00:00Z");

  it.each([
    ["Asia/Shanghai", "2026-06-18T02:00:00.000Z"],
    ["Asia/Tokyo", "2026-06-18T01:00:00.000Z"],
    ["Europe/London", "2026-06-18T09:00:00.000Z"],
    ["Asia/Kolkata", "2026-06-18T04:30:00.000Z"],
    ["America/Los_Angeles", "2026-06-18T17:00:00.000Z"],
  ])("is ten o'clock in %s", (zone, expected) => {
    expect(iso(atLocalTime(ten, home, zone))).toBe(expected);
  });

  it("that a clock jumps over comes after the jump, one that comes twice is the first", () => {
    const halfPastTwo = at("2026-03-07T18:30:00Z");
    expect(iso(atLocalTime(halfPastTwo, home, "America/New_York"))).toBe(
      "2026-03-08T07:30:00.000Z",
    );
    const halfPastOne = at("2026-10-31T17:30:00Z");
    expect(iso(atLocalTime(halfPastOne, home, "America/New_York"))).toBe(
      "2026-11-01T05:30:00.000Z",
    );
  });

  it("begins where the day does, and at once when that is over", () => {
    const schedule = { at: ten, localTime: true };
    expect(firstRunAt(schedule, home, 0)).toBe(ten - 6 * HOUR);
    expect(firstRunAt(schedule, home, ten)).toBe(ten);
    expect(nextRunAt(schedule, ten)).toBeNull();
  });
});

describe("a time", () => {
  it("that is over is now", () => {
    const schedule = { at: 1_000, localTime: false };
    expect(firstRunAt(schedule, "Asia/Shanghai", 5_000)).toBe(5_000);
    expect(firstRunAt(schedule, "Asia/Shanghai", 500)).toBe(1_000);
  });
});
