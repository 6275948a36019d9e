import { HOUR, MINUTE } from "../lib/time.ts";
import { type Anomaly, findAnomalies, WEEK, WEEKS } from "./anomaly.ts";
import type { HourFigures } from "./figures.ts";
import { type LoggedFigures, merge } from "./hour-shard.ts";

/** An hour is looked at when its codes have ended, and most receipts have come. */
const SETTLES_IN = 15 * MINUTE;
/** After a longer pause what was missed is not looked at any more. */
const MOST_MISSED = 48;
/** In one invocation, which may ask D1 a thousand times at most. */
const AT_ONCE = 6;

export interface WatchHoursDeps {
  readonly now: () => number;
  readonly shards: readonly { count(hour: number): Promise<readonly LoggedFigures[]> }[];
  readonly lastCounted: () => Promise<number | null>;
  readonly saveHour: (hour: number, counted: readonly LoggedFigures[]) => Promise<void>;
  readonly markHour: (hour: number) => Promise<void>;
  readonly figuresOf: (hours: readonly number[]) => Promise<readonly HourFigures[]>;
  /** When each storefront was first heard of. */
  readonly firstHours: () => Promise<ReadonlyMap<string, number>>;
  /** Answers those that are new. */
  readonly keep: (found: readonly Anomaly[]) => Promise<readonly Anomaly[]>;
  readonly tell: (anomaly: Anomaly) => void;
}

const nothing = ({ storefront, category }: HourFigures, hour: number): HourFigures => ({
  ...{ storefront, category, hour, texts: 0, delivered: 0, undelivered: 0 },
  ...{ approved: 0, unused: 0, billed: 0, costMicros: 0, currency: null },
});

const keyOf = ({ storefront, category, hour }: HourFigures): string =>
  `${storefront} ${category} ${hour}`;

/** What is odd about an hour, over all storefronts: also one in which nothing came any more. */
async function judgeHour(deps: WatchHoursDeps, hour: number): Promise<readonly Anomaly[]> {
  const before = Array.from({ length: WEEKS }, (_, week) => hour - (week + 1) * WEEK);
  const [all, firsts] = await Promise.all([deps.figuresOf([hour, ...before]), deps.firstHours()]);
  const known = new Map(all.map((one) => [keyOf(one), one]));
  const subjects = new Map(all.map((one) => [`${one.storefront} ${one.category}`, one]));
  return [...subjects.values()].flatMap((subject) => {
    const at = (when: number) => {
      const none = nothing(subject, when);
      return known.get(keyOf(none)) ?? none;
    };
    const first = firsts.get(subject.storefront) ?? Number.POSITIVE_INFINITY;
    return findAnomalies(at(hour), before.filter((when) => when >= first).map(at));
  });
}

/** Counts the hours that ended since the last time, and tells of what is odd about them. */
export async function watchHours(deps: WatchHoursDeps): Promise<void> {
  const newest = Math.floor((deps.now() - SETTLES_IN) / HOUR) * HOUR - HOUR;
  const last = (await deps.lastCounted()) ?? newest - HOUR;
  const first = Math.max(last + HOUR, newest - MOST_MISSED * HOUR);
  for (let hour = first; hour <= Math.min(newest, first + (AT_ONCE - 1) * HOUR); hour += HOUR) {
    const counted = await Promise.all(deps.shards.map((shard) => shard.count(hour)));
    await deps.saveHour(hour, merge(counted.flat()));
    for (const anomaly of await deps.keep(await judgeHour(deps, hour))) deps.tell(anomaly);
    // Last: an hour that is marked is not looked at again.
    await deps.markHour(hour);
  }
}
