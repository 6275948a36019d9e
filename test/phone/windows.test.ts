import { describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE } from "../../src/lib/time.ts";
import { capRefusal, guessRefusal } from "../../src/phone/windows.ts";

const now = Date.parse("2026-11-23T12:00:00Z");
const caps = { perHour: 3, perDay: 5 };
const ago = (...minutes: number[]) => minutes.map((minute) => now - minute * MINUTE);

describe("the caps of a number", () => {
  it("allow the last one and refuse the next", () => {
    expect(capRefusal(ago(50, 40), caps, now)).toBeNull();
    expect(capRefusal(ago(50, 40, 30), caps, now)).toMatchObject({ cap: "per_hour" });
    expect(capRefusal(ago(300, 200, 100, 50), caps, now)).toBeNull();
    expect(capRefusal(ago(400, 300, 200, 100, 50), caps, now)).toMatchObject({ cap: "per_day" });
  });

  it("roll: a window opens when its oldest send leaves it, and says when", () => {
    const sent = ago(60 - 1 / 60, 30, 10);
    expect(capRefusal(sent, caps, now)).toEqual({ cap: "per_hour", retryAfterSeconds: 1 });
    expect(capRefusal(sent, caps, now + 1000)).toBeNull();
    expect(capRefusal([now - DAY, ...ago(200, 150, 100, 90)], caps, now)).toBeNull();
    expect(capRefusal([now - DAY + 1, ...ago(200, 150, 100, 90)], caps, now)).not.toBeNull();
  });

  it("that were lowered below what was sent wait for as many to leave as needed", () => {
    const refusal = capRefusal(ago(50, 40, 30, 20), { perHour: 2, perDay: 100 }, now);
    expect(refusal).toEqual({ cap: "per_hour", retryAfterSeconds: 30 * 60 });
  });
});

describe("wrong tries", () => {
  it("are ten in 24 hours", () => {
    const nine = Array.from({ length: 9 }, (_, index) => now - index * HOUR);
    expect(guessRefusal(nine, now)).toBeNull();
    expect(guessRefusal([...nine, now - 20 * HOUR], now)).toMatchObject({
      cap: "guesses_per_day",
      retryAfterSeconds: 4 * 3600,
    });
  });
});
