import { countRefusals } from "../compliance/refusals/store.ts";
import type { Database } from "../db/client.ts";
import { explain } from "../insight/anomaly.ts";
import { CodeEnds } from "../insight/code-ends.ts";
import { HourShard } from "../insight/hour-shard.ts";
import {
  addCodeEnds,
  figuresBetween,
  figuresOfHours,
  firstHours,
  keepAnomalies,
  lastCounted,
  markHour,
  pageAnomalies,
  saveHour,
} from "../insight/store.ts";
import { watchHours } from "../insight/watch-hours.ts";
import type { InsightWays } from "../insight/ways.ts";
import { type Clock, rfc3339 } from "../lib/time.ts";
import { sandbox as sandboxProvider } from "../providers/sandbox.ts";
import type { PhoneNumberDeps } from "../verifications/phone-number.ts";

interface Parts {
  readonly env: Pick<Env, "LOG_0" | "LOG_1">;
  readonly db: Database;
  readonly clock: Clock;
  readonly tellOperators: (event: string, facts: object) => void;
  readonly logError: (event: string, error: unknown) => void;
}

/** Figures of hours, and who is told when one is odd, wired together. */
export function wireInsight({ env, db, clock, tellOperators, logError }: Parts) {
  const shards = [env.LOG_0, env.LOG_1].map((binding) => new HourShard(binding));
  const codeEnds = new CodeEnds();

  const ways: InsightWays = {
    anomalies: (filter, limit) => pageAnomalies(db, filter, limit),
    figures: (...period) => figuresBetween(db, ...period),
    refusals: (...period) => countRefusals(db, ...period),
  };

  return {
    ways,
    noteCode: ((record, approved) => {
      if (record.provider !== sandboxProvider.id) codeEnds.note(record, approved);
    }) satisfies PhoneNumberDeps["noteEnd"],
    /** Stores now and then how codes ended, behind whatever calls it. */
    keep(later: (work: Promise<unknown>) => void): void {
      const now = clock.now();
      if (!codeEnds.isDue(now)) return;
      const failed = (error: unknown) => logError("code-ends-not-kept", error);
      later(codeEnds.save((ends) => addCodeEnds(db, ends), now).catch(failed));
    },
    /** A piece of the minute's work. */
    tend: () =>
      watchHours({
        now: clock.now,
        shards,
        lastCounted: () => lastCounted(db),
        saveHour: (hour, counted) => saveHour(db, hour, counted),
        markHour: (hour) => markHour(db, hour),
        figuresOf: (hours) => figuresOfHours(db, hours),
        firstHours: () => firstHours(db),
        keep: (found) => keepAnomalies(db, found, clock.now()),
        tell: (anomaly) => {
          const { storefront, category, metric, hour } = anomaly;
          const { en } = explain(anomaly);
          tellOperators("anomaly-found", {
            ...{ storefront, category, metric },
            hour: rfc3339(hour),
            en,
          });
        },
      }),
  };
}
