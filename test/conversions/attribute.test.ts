import { describe, expect, it } from "vitest";
import { attribute, defaultWindows, type Touch } from "../../src/conversions/attribute.ts";
import { DAY } from "../../src/lib/time.ts";

const AT = Date.UTC(2026, 5, 1);
const aTouch = (message: string, at: number): Touch => ({
  message,
  at,
  campaign: "cmp_1",
  variant: "a",
});
const to = (clicks: readonly Touch[], deliveries: readonly Touch[]) =>
  attribute(AT, defaultWindows, { clicks, deliveries });

describe("an order", () => {
  it("is put down to the last click before it, however new an offer came", () => {
    const clicks = [aTouch("msg_1", AT - 2 * DAY), aTouch("msg_2", AT - DAY)];
    expect(to(clicks, [aTouch("msg_3", AT - 1)])).toEqual({
      message: "msg_2",
      campaign: "cmp_1",
      variant: "a",
      by: "click",
    });
  });

  it("is put down to the last offer delivered where nothing was clicked", () => {
    const offers = [aTouch("msg_1", AT - DAY), aTouch("msg_2", AT - 2 * DAY)];
    expect(to([], offers)).toMatchObject({ message: "msg_1", by: "delivery" });
  });

  it.each([
    ["a click at the window's edge", 7 * DAY, null, "click"],
    ["a click before it", 7 * DAY + 1, null, null],
    ["an offer at the window's edge", null, 3 * DAY, "delivery"],
    ["an offer before it", null, 3 * DAY + 1, null],
    ["a click after the order", -1, null, null],
    ["an offer after the order", null, -1, null],
    ["a click at the same moment", 0, null, "click"],
    ["an old click and a new offer", 8 * DAY, DAY, "delivery"],
  ])("with %s", (_, clicked, delivered, by) => {
    const clicks = clicked === null ? [] : [aTouch("msg_1", AT - clicked)];
    const offers = delivered === null ? [] : [aTouch("msg_2", AT - delivered)];
    expect(to(clicks, offers)?.by ?? null).toBe(by);
  });

  it("keeps to the storefront's own windows", () => {
    const touches = { clicks: [aTouch("msg_1", AT - DAY - 1)], deliveries: [] };
    const within = (clickDays: number) => attribute(AT, { clickDays, deliveryDays: 0 }, touches);
    expect([within(1), within(2)?.by]).toEqual([null, "click"]);
  });
});
