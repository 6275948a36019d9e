import { describe, expect, it } from "vitest";
import { OpenTimes } from "../../src/compliance/quiet-hours.ts";
import { holdQuiet } from "../../src/dispatch/leave.ts";
import { LEAVE_GOOD_FOR } from "../../src/phone/texts.ts";
import { aRow } from "./builders.ts";

const quiet = { from: "21:00", to: "08:00", days_off: [] };
const at = (text: string) => Date.parse(text);
const hold = (now: number, change: Parameters<typeof aRow>[0] = {}, random = 0) =>
  holdQuiet(
    aRow(change),
    { quiet },
    { openTimes: new OpenTimes(), random: () => random, now, region: () => null },
  );

describe("a text that is about to leave", () => {
  it("goes by day and is held by night until the morning, with its reason", () => {
    expect(hold(at("2026-06-01T04:00:00Z"))).toBeNull();
    const held = hold(at("2026-06-01T13:00:00Z"));
    expect(held).toMatchObject({
      status: "sending",
      queue: "aliyun",
      reason: "quiet-hours",
      dueAt: at("2026-06-02T00:00:00Z"),
      step: { step: "compliance", verdict: "held" },
    });
  });

  it("is held when quiet hours begin while its leave lasts", () => {
    const begin = at("2026-06-01T13:00:00Z");
    expect(hold(begin - LEAVE_GOOD_FOR)?.reason).toBe("quiet-hours");
    expect(hold(begin - LEAVE_GOOD_FOR - 1)).toBeNull();
  });

  it("goes at night where it is urgent", () => {
    expect(hold(at("2026-06-01T13:00:00Z"), { urgency: 0 })).toBeNull();
  });

  it("ends where its time is over before the morning", () => {
    const ended = hold(at("2026-06-01T13:00:00Z"), { expiresAt: at("2026-06-02T00:00:00Z") });
    expect(ended).toMatchObject({ status: "suppressed", reason: "quiet-hours", queue: null });
  });

  it("that is held leaves while it is of use, however soon that ends", () => {
    const open = at("2026-06-02T00:00:00Z");
    const dueAt = [10_000, 3_600_000].map(
      (life) => hold(at("2026-06-01T13:00:00Z"), { expiresAt: open + life }, 0.99)?.dueAt ?? 0,
    );
    expect(dueAt[0]).toBeLessThan(open + 5_000);
    expect(dueAt[1]).toBeGreaterThan(open + 30_000);
  });

  it("says once that it is held, however often it is looked at", () => {
    const again = hold(at("2026-06-01T20:00:00Z"), {
      reason: "quiet-hours",
      dueAt: at("2026-06-02T00:00:00Z"),
    });
    expect(again?.step).toBeNull();
  });
});
