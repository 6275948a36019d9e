import type { Flags } from "../flags/flags.ts";
import type { Keys } from "../lib/keys.ts";
import type { HealthBook } from "./health.ts";
import type { RouteAccount, RouteContext } from "./route.ts";
import type { ScoreBook } from "./scores.ts";

export interface RouteKnowledge {
  readonly accounts: readonly RouteAccount[];
  readonly health: HealthBook;
  readonly scores: ScoreBook;
  readonly random: () => number;
  readonly flags: Pick<Flags, "features">;
}

/** Names a number in lots, so that it draws the same one every time; can't be turned back. */
export const numberKey = (keys: Keys, e164: string): string => keys.identify("phone", e164);

/** For a text that goes out: draws lots, and claims the try of an account whose rest is over. */
export const sendingContext = (
  known: RouteKnowledge,
  now: number,
  unfit: RouteContext["unfit"],
): RouteContext => ({
  accounts: known.accounts,
  health: (account) => known.health.ask(account, now),
  tally: (account, facts) => known.scores.read({ ...facts, account }, now),
  random: known.random,
  unfit,
  adaptive: known.flags.features.adaptive_routing,
});

/** For an explanation: changes nothing and leaves nothing to chance. */
export const explainingContext = (
  known: Omit<RouteKnowledge, "random">,
  now: number,
  unfit: RouteContext["unfit"],
): RouteContext => ({
  accounts: known.accounts,
  health: (account) => known.health.look(account, now),
  tally: (account, facts) => known.scores.read({ ...facts, account }, now),
  random: null,
  unfit,
  adaptive: known.flags.features.adaptive_routing,
});
