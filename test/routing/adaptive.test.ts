import { describe, expect, it } from "vitest";
import { HOUR, SECOND } from "../../src/lib/time.ts";
import { chooseRoute } from "../../src/routing/choose-route.ts";
import { HALF_LIFE, ScoreBook } from "../../src/routing/scores.ts";
import { aContext, anAccount, aRule, eligible, facts, seeded } from "./builders.ts";

const IDS = ["a", "b", "c", "d"];
const rules = [aRule("adaptive", { a: 1, b: 1, c: 1, d: 1 })];
const accounts = IDS.map((id) => anAccount(id));
const TEXTS = 2_000;
const EVERY = 10 * SECOND;

interface Simulation {
  /** Delivered, of TEXTS. */
  readonly adaptive: number;
  readonly uniform: number;
}

/** The same texts to the same handsets: only who carries them differs. */
function simulate(seed: number): Simulation {
  const random = seeded(seed);
  const rates = new Map(IDS.map((id) => [id, 0.8 + 0.19 * random()]));
  const book = new ScoreBook();
  let adaptive = 0;
  let uniform = 0;
  for (let n = 0; n < TEXTS; n++) {
    const now = n * EVERY;
    const luck = random();
    const arrives = (id: string) => luck < (rates.get(id) ?? 0);
    const tally = (account: string) => book.read({ ...facts, account }, now);
    const [chosen = ""] = eligible(
      chooseRoute(rules, facts, aContext(accounts, { tally, random })),
    );
    book.note({ ...facts, account: chosen }, arrives(chosen), now);
    if (arrives(chosen)) adaptive++;
    if (arrives(IDS[Math.floor(random() * IDS.length)] ?? "")) uniform++;
  }
  return { adaptive, uniform };
}

describe("in a hundred worlds of four accounts that reach 80 to 99 %", () => {
  it("learning reaches more people than chance in at least 95", { timeout: 30_000 }, () => {
    const gains = Array.from({ length: 100 }, (_, seed) => {
      const { adaptive, uniform } = simulate(seed + 1);
      return (adaptive - uniform) / TEXTS;
    }).sort((a, b) => a - b);
    const wins = gains.filter((gain) => gain > 0).length;
    const median = ((gains[49] ?? 0) + (gains[50] ?? 0)) / 2;
    console.log(
      `adaptive beats uniform in ${wins} of 100; median gain ${(100 * median).toFixed(1)} points`,
    );
    expect(wins).toBeGreaterThanOrEqual(95);
    expect(median).toBeGreaterThan(0.02);
  });
});

describe("whatever was learned", () => {
  const share = (tally: (account: string) => { good: number; bad: number }) => {
    const random = seeded(7);
    const counts: Record<string, number> = {};
    for (let n = 0; n < 20_000; n++) {
      const [first = ""] = eligible(
        chooseRoute(rules, facts, aContext(accounts, { tally, random })),
      );
      counts[first] = (counts[first] ?? 0) + 1;
    }
    return IDS.map((id) => (counts[id] ?? 0) / 20_000);
  };

  it("no account starves: each is first for about two per cent, the best for the rest", () => {
    const [best = 0, ...others] = share((id) =>
      id === "a" ? { good: 990, bad: 10 } : { good: 10, bad: 990 },
    );
    expect(best).toBeGreaterThan(0.92);
    for (const other of others) expect(other).toBeGreaterThan(0.016);
  });

  it("equals share the traffic, and a newcomer gets its chance", () => {
    const equals = share(() => ({ good: 95, bad: 5 }));
    expect(Math.min(...equals)).toBeGreaterThan(0.2);
    const newcomer = share((id) => (id === "d" ? { good: 0, bad: 0 } : { good: 900, bad: 100 }));
    expect(newcomer[3]).toBeGreaterThan(0.2);
  });

  it("an account that fell is found out within an hour of traffic, and forgiven within days", () => {
    const book = new ScoreBook();
    const tally = (now: number) => (account: string) => book.read({ ...facts, account }, now);
    const order = (now: number) =>
      eligible(chooseRoute(rules, facts, aContext(accounts, { tally: tally(now) })));
    for (let n = 0; n < 500; n++) {
      for (const id of IDS) book.note({ ...facts, account: id }, id === "a" || n % 10 > 0, n);
    }
    expect(order(HOUR)[0]).toBe("a");
    for (let n = 0; n < 360; n++) {
      book.note({ ...facts, account: "a" }, n % 2 === 0, 12 * HOUR + n * EVERY);
    }
    expect(order(13 * HOUR).at(-1)).toBe("a");
    const later = 13 * HOUR + 12 * HALF_LIFE;
    const { good, bad } = book.read({ ...facts, account: "a" }, later);
    expect(good + bad).toBeLessThan(0.2);
  });
});

it("explains with what is expected, and leaves a reserve behind the others", () => {
  const tally = (id: string) => (id === "b" ? { good: 97, bad: 3 } : { good: 0, bad: 0 });
  const route = chooseRoute(
    [aRule("adaptive", { a: 0, b: 1, c: 1 })],
    facts,
    aContext(accounts, { tally }),
  );
  expect(eligible(route)).toEqual(["b", "c", "a"]);
  expect(route.candidates[0]?.reasons[0]?.en).toBe("Reached 97.0 % of about 100 recent texts.");
  expect(route.candidates[1]?.reasons[0]?.en).toBe("No recent texts to judge it by.");
});
