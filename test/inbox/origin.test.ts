import { describe, expect, it } from "vitest";
import { offerMeant } from "../../src/inbox/origin.ts";
import { DAY } from "../../src/lib/time.ts";
import { sandbox } from "../../src/providers/sandbox.ts";

const NOW = 100 * DAY;

const anOffer = (id: string, change: object = {}) => ({
  id,
  provider: "aliyun",
  status: "delivered" as const,
  category: "marketing" as const,
  createdAt: NOW - DAY,
  sentAt: NOW - DAY,
  ...change,
});

const meant = (...messages: ReturnType<typeof anOffer>[]) => offerMeant(messages, NOW)?.id ?? null;

describe("a complaint that names no message", () => {
  it("is about the newest offer", () => {
    expect(meant(anOffer("newer"), anOffer("older"))).toBe("newer");
    expect(meant()).toBeNull();
  });

  it.each([
    ["told what was ordered", { category: "notification" }],
    ["never left", { status: "suppressed" }],
    ["went to nobody", { provider: sandbox.id }],
    ["is older than a week", { sentAt: NOW - 7 * DAY - 1 }],
  ])("is not about what %s", (_, change) => {
    expect(meant(anOffer("other", change), anOffer("offer"))).toBe("offer");
    expect(meant(anOffer("other", change))).toBeNull();
  });

  it("is about what was held for long and left within the week", () => {
    expect(meant(anOffer("held", { createdAt: NOW - 20 * DAY }))).toBe("held");
  });
});
