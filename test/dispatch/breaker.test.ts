import { describe, expect, it } from "vitest";
import { afterCall, atTime, type Breaker, CLOSED } from "../../src/dispatch/breaker.ts";

const now = 1_000_000;

/** The breaker after calls that ended so, `x` for bad and `.` for good. */
const following = (calls: string, breaker: Breaker = CLOSED, at = now): Breaker =>
  [...calls].reduce((state, call) => afterCall(state, call === ".", at), breaker);

/** An account that rests until the time it gives. */
const opened = () => {
  const breaker = following("xxxxx");
  if (breaker.state !== "open") throw new Error(breaker.state);
  return breaker;
};

describe("a breaker", () => {
  it.each([
    ["xxxx", "closed"],
    ["xxxxx", "open"],
    [".....xxxx", "closed"],
    [".....xxxxx", "open"],
    ["...................x".repeat(20), "closed"],
    [".".repeat(20) + "x".repeat(9), "closed"],
    [".".repeat(20) + "x".repeat(10), "open"],
    ["..x".repeat(50), "closed"],
    [".x".repeat(10), "open"],
  ])("after the calls %s is %s", (calls, state) => {
    expect(following(calls).state).toBe(state);
  });

  it("rests for ten seconds and then lets a try through", () => {
    const open = opened();
    expect(open.until).toBe(now + 10_000);
    expect(atTime(open, open.until - 1).state).toBe("open");
    expect(atTime(open, open.until).state).toBe("half-open");
  });

  it("isn't moved by calls that were under way when the rest began", () => {
    const open = opened();
    expect(following("...xxx", open)).toBe(open);
  });

  it("closes after three good tries in a row, and not before", () => {
    const tried = atTime(opened(), now + 10_000);
    expect(following("..", tried).state).toBe("half-open");
    expect(following("...", tried)).toBe(CLOSED);
  });

  it("opens at the first bad try, for twice as long, up to five minutes", () => {
    let breaker: Breaker = opened();
    const rests: number[] = [];
    for (let round = 0; round < 7; round++) {
      if (breaker.state !== "open") throw new Error(breaker.state);
      rests.push(breaker.rest / 1_000);
      const at = breaker.until;
      breaker = following("..x", atTime(breaker, at), at);
    }
    expect(rests).toEqual([10, 20, 40, 80, 160, 300, 300]);
  });

  it("forgets its troubles once it is closed", () => {
    const closed = following("...", atTime(opened(), now + 10_000));
    expect(following("xxxx", closed).state).toBe("closed");
    expect(following("xxxxx", closed)).toMatchObject({ state: "open", rest: 10_000 });
  });
});
