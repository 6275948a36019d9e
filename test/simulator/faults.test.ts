import { describe, expect, it } from "vitest";
import { DEFAULT_FAULT, DEFAULT_RECEIPT, strike } from "../../src/simulator/faults.ts";

const undelivered = { ...DEFAULT_RECEIPT, status: "undelivered" } as const;
const sequence =
  (...values: number[]) =>
  () =>
    values.shift() ?? 0.999;

describe("the dice of a fault", () => {
  it("always strikes at rate 1 and never at rate 0", () => {
    const fault = { ...DEFAULT_FAULT, mode: "http_500" } as const;
    expect(strike({ ...fault, rate: 1 }, () => 0.999999).mode).toBe("http_500");
    expect(strike({ ...fault, rate: 0 }, () => 0).mode).toBe("none");
  });

  it("spares a share of the submissions, which are accepted without delay", () => {
    const fault = { ...DEFAULT_FAULT, mode: "timeout", rate: 0.5, latency_ms: 70 } as const;
    expect(strike(fault, () => 0.49)).toMatchObject({ accepts: false, latencyMs: 70 });
    expect(strike(fault, () => 0.5)).toMatchObject({ accepts: true, latencyMs: 0 });
  });

  it("lets each recipient throw for its receipt where nothing else goes wrong", () => {
    const fault = { ...DEFAULT_FAULT, rate: 0.5, receipt: undelivered };
    const { receipt } = strike(fault, sequence(0.1, 0.4, 0.6));
    expect([receipt().status, receipt().status]).toEqual(["undelivered", "delivered"]);
  });

  it("gives the receipt's plan to what a refusing fault spares", () => {
    const fault = { ...DEFAULT_FAULT, mode: "reject", rate: 0.5, receipt: undelivered } as const;
    expect(strike(fault, () => 0.7).receipt().status).toBe("undelivered");
  });

  it("is slow by two seconds unless told otherwise", () => {
    const fault = { ...DEFAULT_FAULT, mode: "slow" } as const;
    expect(strike(fault, () => 0).latencyMs).toBe(2_000);
    expect(strike({ ...fault, latency_ms: 10 }, () => 0).latencyMs).toBe(10);
  });
});
