import type { Entry, OrderCandidates, Reason, RouteContext } from "../route.ts";
import type { Tally } from "../scores.ts";

/** Each candidate is tried first for this share of texts at least, so that it can always recover. */
const FLOOR = 0.02;
/** What is believed of an account that nobody used yet, as if it had carried five texts. */
const PRIOR: Tally = { good: 4.5, bad: 0.5 };

/** From the standard normal distribution (Box and Muller). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * What share of its texts the account may reach: a draw from what its tally leaves possible
 * (Thompson sampling), or the mean when there is nothing to draw with.
 */
function believe(tally: Tally, random: RouteContext["random"]): number {
  const good = tally.good + PRIOR.good;
  const bad = tally.bad + PRIOR.bad;
  const mean = good / (good + bad);
  if (!random) return mean;
  return mean + normal(random) * Math.sqrt((mean * (1 - mean)) / (good + bad + 1));
}

function reasonOf(tally: Tally, toLearn: boolean): Reason {
  const count = Math.round(tally.good + tally.bad);
  const share = ((100 * tally.good) / (tally.good + tally.bad)).toFixed(1);
  const known: Reason =
    count === 0
      ? { en: "No recent texts to judge it by.", zh: "近期没有可供评估的短信。" }
      : {
          en: `Reached ${share} % of about ${count} recent texts.`,
          zh: `近期约 ${count} 条短信的到达率为 ${share}%。`,
        };
  if (!toLearn) return known;
  return {
    en: `${known.en} First by lot, to keep learning.`,
    zh: `${known.zh}本次随机优先，以持续学习。`,
  };
}

/** Draws one to go first for learning's sake; null most of the time. */
function drawLearner(entries: readonly Entry[], random: RouteContext["random"]): Entry | null {
  if (!random || random() >= FLOOR * entries.length) return null;
  return entries[Math.floor(random() * entries.length)] ?? null;
}

/** By what each account reached of late, with weight 0 as a reserve behind the others. */
export const byResults: OrderCandidates = (entries, facts, context) => {
  const learner = drawLearner(
    entries.filter((entry) => entry.weight > 0),
    context.random,
  );
  return entries
    .map((entry) => {
      const tally = context.tally(entry.account.id, facts);
      const rank = entry === learner ? 0 : entry.weight > 0 ? 1 : 2;
      return { entry, tally, rank, belief: believe(tally, context.random) };
    })
    .sort((a, b) => a.rank - b.rank || b.belief - a.belief)
    .map(({ entry, tally }) => ({ entry, reason: reasonOf(tally, entry === learner) }));
};
