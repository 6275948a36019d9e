import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/lib/time.ts";
import {
  ACCOUNT,
  forgetAttempts,
  returnAttempt,
  sweepAttempts,
  takeAttempt,
} from "../../src/people/attempts/store.ts";

const { db } = depsOf(env);
const NOW = Date.UTC(2026, 0, 1);
let names = 0;
const freshName = () => `account ${names++}`;

/** Fails once, and says how long the next try has to wait. */
async function fail(name: string, at: number): Promise<number> {
  expect(await takeAttempt(db, name, ACCOUNT, at)).toBeNull();
  const until = await takeAttempt(db, name, ACCOUNT, at);
  return until === null ? 0 : until - at;
}

describe("tries that fail", () => {
  it("are five at most, however many come at once", async () => {
    const name = freshName();
    const taken = await Promise.all(
      Array.from({ length: 200 }, () => takeAttempt(db, name, ACCOUNT, NOW)),
    );
    expect(taken.filter((until) => until === null)).toHaveLength(5);
    expect(new Set(taken)).toEqual(new Set([null, NOW + 30 * SECOND]));
  });

  it("wait twice as long each, up to an hour", async () => {
    const name = freshName();
    for (let i = 0; i < 4; i++) expect(await takeAttempt(db, name, ACCOUNT, NOW)).toBeNull();
    const waits: number[] = [];
    let at = NOW;
    for (let i = 0; i < 9; i++) {
      const wait = await fail(name, at);
      waits.push(wait);
      at += wait;
    }
    expect(waits.map((ms) => ms / SECOND)).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    expect(waits.at(-1)).toBe(HOUR);
  });

  it("are forgotten by a success, or a day later", async () => {
    const [forgotten, old] = [freshName(), freshName()];
    for (const name of [forgotten, old]) {
      for (let i = 0; i < 5; i++) await takeAttempt(db, name, ACCOUNT, NOW);
      expect(await takeAttempt(db, name, ACCOUNT, NOW)).not.toBeNull();
    }
    await forgetAttempts(db, forgotten);
    expect(await takeAttempt(db, forgotten, ACCOUNT, NOW)).toBeNull();
    await sweepAttempts(db, NOW + HOUR);
    const count = (at: number) =>
      env.DB.prepare("SELECT failures FROM sign_in_attempts WHERE name = ?")
        .bind(old)
        .first("failures")
        .then((failures) => ({ at, failures }));
    expect(await count(1)).toEqual({ at: 1, failures: 5 });
    await takeAttempt(db, old, ACCOUNT, NOW + DAY);
    expect(await count(2)).toEqual({ at: 2, failures: 1 });
    await sweepAttempts(db, NOW + 2 * DAY);
    expect(await count(3)).toEqual({ at: 3, failures: null });
  });

  it("of others stay counted when one is taken back", async () => {
    const name = freshName();
    for (let i = 0; i < 5; i++) await takeAttempt(db, name, ACCOUNT, NOW);
    await returnAttempt(db, name, NOW);
    expect(await takeAttempt(db, name, ACCOUNT, NOW)).toBeNull();
    expect(await takeAttempt(db, name, ACCOUNT, NOW + 29 * SECOND)).toBe(NOW + 30 * SECOND);
    expect(await takeAttempt(db, name, ACCOUNT, NOW + MINUTE)).toBeNull();
  });
});
