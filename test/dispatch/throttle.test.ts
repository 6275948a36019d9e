import { describe, expect, it } from "vitest";
import {
  afterRefusal,
  afterSuccess,
  mayTryAt,
  type Throttle,
  throttleState,
  tried,
  UNTHROTTLED,
} from "../../src/dispatch/throttle.ts";

const now = 1_000_000;
const TOLD = 1_000;

/** An account that refused so often, each time as soon as its rest was over; and when that was last. */
function refused(times: number): { readonly throttle: Throttle; readonly at: number } {
  let throttle = afterRefusal(UNTHROTTLED, TOLD, now);
  let at = now;
  for (let n = 1; n < times; n++) {
    at = throttle.restUntil;
    throttle = afterRefusal(throttle, TOLD, at);
  }
  return { throttle, at };
}

describe("an account that refuses to be asked so fast", () => {
  it("once is sat out for as long as it said", () => {
    const { throttle, at } = refused(1);
    expect(throttleState(throttle, at + TOLD - 1)).toBe("brief");
    expect(throttleState(throttle, at + TOLD)).toBe("none");
  });

  it("again after its rest is one that lasts", () => {
    const { throttle, at } = refused(2);
    expect(throttleState(throttle, at)).toBe("lasting");
    expect(throttleState(throttle, at + 2 * TOLD)).toBe("trying");
  });

  it("by calls that were under way together did so once", () => {
    const { throttle, at } = refused(1);
    const again = afterRefusal(throttle, TOLD, at + 300);
    expect(throttleState(again, at + 300)).toBe("brief");
    expect(again.restUntil).toBe(at + 300 + TOLD);
  });

  it("for longer than a few seconds need not say it twice", () => {
    expect(throttleState(afterRefusal(UNTHROTTLED, 3_000, now), now)).toBe("brief");
    const long = afterRefusal(UNTHROTTLED, 60_000, now);
    expect(throttleState(long, now + 59_999)).toBe("lasting");
    expect(mayTryAt(long)).toBe(now + 60_000);
  });

  it("is left alone for twice as long each time, up to eight seconds", () => {
    const rests = [1, 2, 3, 4, 5, 6, 40].map((times) => {
      const { throttle, at } = refused(times);
      return (throttle.restUntil - at) / 1_000;
    });
    expect(rests).toEqual([1, 2, 4, 8, 8, 8, 8]);
  });

  it("is tried by one request at a time, and by the next where nobody hears of it", () => {
    const { throttle } = refused(2);
    const at = throttle.restUntil;
    const trying = tried(throttle, at);
    expect(throttleState(trying, at)).toBe("trying");
    expect(mayTryAt(trying)).toBe(at + 1_000);
    expect(throttleState(afterRefusal(trying, TOLD, at + 20), at + 20)).toBe("lasting");
  });

  it("is well once it took something after its rest, but not by what was under way before", () => {
    const { throttle, at } = refused(2);
    expect(afterSuccess(throttle, at + 1)).toBe(throttle);
    expect(afterSuccess(tried(throttle, throttle.restUntil), throttle.restUntil + 20)).toEqual(
      UNTHROTTLED,
    );
  });
});
