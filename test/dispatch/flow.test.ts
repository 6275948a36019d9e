import { describe, expect, it } from "vitest";
import {
  bulkRate,
  type Flow,
  fullFlow,
  giveBack,
  lease,
  slowDown,
} from "../../src/dispatch/flow.ts";

const now = 1_000_000;
const PER_SECOND = 100;

/** What is handed out to somebody who wants all, asking every 10 ms. */
function leasedIn(seconds: number, start: Flow): number {
  let flow = start;
  let granted = 0;
  for (let at = start.at; at < start.at + seconds * 1000; at += 10) {
    const leased = lease(flow, PER_SECOND, 1_000, at);
    flow = leased.flow;
    granted += leased.granted;
  }
  return granted;
}

describe("the flow of an account", () => {
  it("keeps a fifth of its rate for codes", () => {
    expect(bulkRate(PER_SECOND)).toBe(80);
    const { flow, granted } = lease(fullFlow(PER_SECOND, now), PER_SECOND, 1_000, now);
    expect(granted).toBe(80);
    expect(lease(flow, PER_SECOND, 1, now + 1).granted).toBe(0);
  });

  it("hands out neither more nor fewer than the rate, however often it is asked", () => {
    const burst = 80;
    expect(leasedIn(10, fullFlow(PER_SECOND, now))).toBeGreaterThanOrEqual(burst + 9.9 * 80 - 1);
    expect(leasedIn(10, fullFlow(PER_SECOND, now))).toBeLessThanOrEqual(burst + 10 * 80);
  });

  it("gives no more than is wanted, and keeps the rest", () => {
    const { flow, granted } = lease(fullFlow(PER_SECOND, now), PER_SECOND, 3, now);
    expect(granted).toBe(3);
    expect(lease(flow, PER_SECOND, 1_000, now).granted).toBe(77);
  });

  it("hands out again what was given back, and never more than it had", () => {
    const { flow } = lease(fullFlow(PER_SECOND, now), PER_SECOND, 1_000, now);
    expect(lease(giveBack(flow, 30), PER_SECOND, 1_000, now).granted).toBe(30);
    expect(lease(giveBack(flow, 500), PER_SECOND, 1_000, now).granted).toBe(80);
  });

  it("saves up no more than a second's worth", () => {
    const idle = fullFlow(PER_SECOND, now);
    expect(lease(idle, PER_SECOND, 1_000, now + 3_600_000).granted).toBe(80);
  });

  it("says when the next one is there, to the millisecond", () => {
    const first = lease(fullFlow(PER_SECOND, now), PER_SECOND, 1_000, now);
    expect(first.retryAfterMs).toBeGreaterThan(0);
    const early = now + first.retryAfterMs - 1;
    expect(lease(first.flow, PER_SECOND, 1, early).granted).toBe(0);
    expect(lease(first.flow, PER_SECOND, 1, now + first.retryAfterMs).granted).toBe(1);
  });

  it("lets one request a second out of an account that may make only one", () => {
    const { flow, granted } = lease(fullFlow(1, now), 1, 5, now);
    expect(granted).toBe(1);
    expect(lease(flow, 1, 5, now + 1_000).granted).toBe(1);
  });

  it("takes over a changed limit at once", () => {
    const full = fullFlow(PER_SECOND, now);
    expect(lease(full, 10, 1_000, now).granted).toBe(8);
  });
});

describe("an account that is told it is too fast", () => {
  it("makes no request before the vendor's time is over", () => {
    const slowed = slowDown(fullFlow(PER_SECOND, now), 1_500, now);
    expect(lease(slowed, PER_SECOND, 5, now + 1_000)).toMatchObject({
      granted: 0,
      retryAfterMs: 500,
    });
    expect(lease(slowed, PER_SECOND, 5, now + 1_500).granted).toBe(5);
  });

  it("goes on at half its rate, once for all calls of one second", () => {
    let flow = fullFlow(PER_SECOND, now);
    for (let call = 0; call < 6; call++) flow = slowDown(flow, 0, now + call);
    expect(flow.rate).toBe(40);
    expect(slowDown(flow, 0, now + 999).rate).toBe(40);
    expect(slowDown(flow, 0, now + 1_000).rate).toBe(20);
  });

  it("keeps the longest wait of all those calls", () => {
    const first = slowDown(fullFlow(PER_SECOND, now), 5_000, now);
    expect(slowDown(first, 1_000, now + 10).waitUntil).toBe(now + 5_000);
    expect(slowDown(first, 9_000, now + 10).waitUntil).toBe(now + 9_010);
  });

  it("never gets slower than one a second", () => {
    let flow = fullFlow(2, now);
    for (let second = 0; second < 10; second++) flow = slowDown(flow, 0, now + second * 1_000);
    expect(flow.rate).toBe(1);
  });

  it("is back at its full rate after half a minute, by even steps", () => {
    let flow = slowDown(fullFlow(PER_SECOND, now), 0, now);
    const rates: number[] = [];
    for (let second = 1; second <= 15; second++) {
      flow = lease(flow, PER_SECOND, 0, now + second * 1_000).flow;
      rates.push(flow.rate);
    }
    const steps = rates.slice(1).map((rate, index) => rate - (rates[index] ?? 0));
    for (const step of steps) expect(step).toBeCloseTo(80 / 30);
    expect(flow.rate).toBeCloseTo(80);
    expect(lease(flow, PER_SECOND, 0, now + 60_000).flow.rate).toBe(80);
  });
});
