import { describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/lib/time.ts";
import { type Attempt, type AttemptFacts, judgeAttempt } from "../../src/webhooks/retries.ts";

const NOW = Date.UTC(2026, 0, 1);
const judge = (attempt: Partial<Attempt>, facts: Partial<AttemptFacts> = {}) =>
  judgeAttempt(
    { code: 500, answer: "", retryAfterMs: null, ...attempt },
    { attempts: 1, firstAt: NOW, failingSince: null, now: NOW, chance: 0, ...facts },
  );

describe("an event", () => {
  it.each([200, 201, 204, 299])("answered %i is delivered, and the endpoint is well", (code) => {
    const judged = judge({ code }, { failingSince: NOW - DAY });
    expect(judged).toEqual({
      state: "delivered",
      dueAt: null,
      failingSince: null,
      holdUntil: null,
      disable: null,
    });
  });

  it.each([null, 100, 199, 300, 302, 400, 404, 500])("answered %s is tried again", (code) => {
    expect(judge({ code })).toMatchObject({ state: "waiting", dueAt: NOW + 5 * SECOND });
  });

  it("is tried ever more seldom, for three days", () => {
    const waits: number[] = [];
    let now = NOW;
    for (let attempts = 1; ; attempts++) {
      const { state, dueAt } = judge({}, { attempts, now });
      if (dueAt === null) {
        expect(state).toBe("failed");
        break;
      }
      waits.push(dueAt - now);
      now = dueAt;
    }
    expect(waits.slice(0, 7)).toEqual([
      5 * SECOND,
      5 * MINUTE,
      30 * MINUTE,
      2 * HOUR,
      5 * HOUR,
      10 * HOUR,
      10 * HOUR,
    ]);
    expect(now - NOW).toBeLessThanOrEqual(3 * DAY);
    expect(now - NOW).toBeGreaterThan(2.5 * DAY);
  });

  it("does not come back together with the others", () => {
    const waits = [0, 0.5, 1].map((chance) => judge({}, { attempts: 2, chance }).dueAt ?? 0);
    expect(waits.map((at) => at - NOW)).toEqual([5 * MINUTE, 5.5 * MINUTE, 6 * MINUTE]);
  });
});

describe("an endpoint", () => {
  it.each([429, 502, 504])("that answers %i is left alone for a while", (code) => {
    expect(judge({ code })).toMatchObject({
      holdUntil: NOW + 30 * SECOND,
      dueAt: NOW + 30 * SECOND,
    });
    expect(judge({ code, retryAfterMs: MINUTE })).toMatchObject({ holdUntil: NOW + MINUTE });
    expect(judge({ code, retryAfterMs: 30 * DAY })).toMatchObject({ holdUntil: NOW + HOUR });
  });

  it("that answers otherwise is not", () => {
    expect(judge({ code: 503, retryAfterMs: MINUTE }).holdUntil).toBeNull();
  });

  it("that is gone is told nothing more", () => {
    expect(judge({ code: 410 }).disable).toBe("gone");
  });

  it("that took nothing for three days is told nothing more", () => {
    expect(judge({}).failingSince).toBe(NOW);
    const failingSince = NOW - 3 * DAY;
    expect(judge({}, { failingSince: failingSince + 1 }).disable).toBeNull();
    expect(judge({}, { failingSince })).toMatchObject({ disable: "failing", failingSince });
  });
});
