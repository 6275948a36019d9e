import { describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE } from "../../src/lib/time.ts";
import { type Challenge, judgeGuess, statusAt } from "../../src/phone/challenge.ts";

const now = Date.parse("2026-11-23T12:00:00Z");
const aChallenge = (change: Partial<Challenge> = {}): Challenge => ({
  id: "vrf_1",
  storefront: "sto_1",
  purpose: "login",
  channel: "sms",
  locale: "zh-CN",
  state: "pending",
  alphabet: "digits",
  codeMac: "1.mac",
  codeSealed: "1.sealed",
  contextMac: null,
  maxAttempts: 5,
  wrong: 0,
  sends: 1,
  createdAt: now,
  expiresAt: now + 5 * MINUTE,
  resendAt: now + MINUTE,
  approvedBy: null,
  ...change,
});
const right = { right: true, request: null };
const wrong = { right: false, request: null };

describe("a code", () => {
  it("lives until the millisecond before its expiry", () => {
    expect(judgeGuess(aChallenge(), right, [], now + 5 * MINUTE - 1)).toMatchObject({
      valid: true,
    });
    const late = judgeGuess(aChallenge(), right, [], now + 5 * MINUTE);
    expect(late).toMatchObject({ status: "expired", valid: false, counted: false });
  });

  it("is answered as expired for a day, and then not at all", () => {
    const end = now + 5 * MINUTE + DAY;
    expect(judgeGuess(aChallenge(), right, [], end - 1).status).toBe("expired");
    expect(judgeGuess(aChallenge(), right, [], end).status).toBe("missing");
  });

  it("is wiped when it is approved or locked", () => {
    const approved = judgeGuess(aChallenge(), right, [], now);
    expect(approved).toMatchObject({ next: { state: "approved", codeSealed: null } });
    const locked = judgeGuess(aChallenge({ wrong: 4 }), wrong, [], now);
    expect(locked).toMatchObject({ status: "locked", next: { state: "locked", codeSealed: null } });
  });

  it("that is locked stays so for the right guess, until it expires", () => {
    const locked = aChallenge({ state: "locked" });
    expect(judgeGuess(locked, right, [], now)).toMatchObject({ status: "locked", valid: false });
    expect(statusAt(locked, now + 5 * MINUTE)).toBe("expired");
  });

  it("is approved once; the very same request hears it again", () => {
    const first = judgeGuess(aChallenge(), { right: true, request: "r1" }, [], now);
    const approved = "next" in first && first.next ? first.next : aChallenge();
    expect(judgeGuess(approved, { right: true, request: "r1" }, [], now)).toMatchObject({
      valid: true,
    });
    expect(judgeGuess(approved, { right: true, request: "r2" }, [], now).status).toBe("missing");
    expect(judgeGuess(approved, right, [], now).status).toBe("missing");
    expect(judgeGuess(approved, { right: false, request: "r1" }, [], now).status).toBe("missing");
  });

  it("is locked by the tenth wrong try of the day, whatever tries it has itself", () => {
    const nine = Array.from({ length: 9 }, () => now - HOUR);
    const tenth = judgeGuess(aChallenge(), wrong, nine, now);
    expect(tenth).toMatchObject({ status: "locked", counted: true, next: { codeSealed: null } });
    const after = judgeGuess(aChallenge(), right, [...nine, now], now);
    expect(after).toMatchObject({ status: "locked", valid: false });
  });

  it("counts down its tries", () => {
    const judged = judgeGuess(aChallenge({ wrong: 1 }), wrong, [], now);
    expect(judged).toMatchObject({ status: "pending", attemptsLeft: 3, counted: true });
  });

  it("that was called off is not there", () => {
    expect(judgeGuess(aChallenge({ state: "canceled" }), right, [], now).status).toBe("missing");
  });
});
