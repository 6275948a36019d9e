import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { DAY } from "../../src/lib/time.ts";
import { EXPIRING_TABLES, newRetention, retainStep } from "../../src/privacy/retention.ts";

// Older than anything that other files put into the same database.
const NOW = Date.UTC(1995, 0, 1);

const KEPT = { abuse_refusals: 30, hour_figures: 70, anomalies: 185 };
const INSERT = {
  abuse_refusals: `INSERT INTO abuse_refusals (id, storefront, rule, demand, count, to_index, at)
    VALUES ('old_' || ?1, 'sto_old', 'prefix', 'block', 1, 'of somebody', ?1)`,
  hour_figures: `INSERT INTO hour_figures (storefront, category, hour) VALUES ('sto_old', 'otp', ?1)`,
  anomalies: `INSERT INTO anomalies (id, storefront, category, metric, hour, observed, expected, found_at)
    VALUES ('old_' || ?1, 'sto_old', 'otp', 'volume', ?1, 1, 1, ?1)`,
};

it.each(Object.entries(KEPT))(
  "rows of %s are kept for %i days, and no moment longer",
  async (table, days) => {
    const insert = INSERT[table as keyof typeof KEPT];
    const edge = NOW - days * DAY;
    for (const at of [edge - 1, edge]) await env.DB.prepare(insert).bind(at).run();
    const deps = {
      now: () => NOW,
      binding: env.DB,
      shards: [],
      tables: EXPIRING_TABLES.filter((one) => one.table === table),
      blindIndexes: () => [],
      holds: async () => [],
      keptFor: async () => () => 0,
      most: 500,
    };
    for (let state: typeof newRetention | null = newRetention; state; ) {
      state = await retainStep(deps, state);
    }
    const column = EXPIRING_TABLES.find((one) => one.table === table)?.at;
    const left = await env.DB.prepare(
      `SELECT ${column} AS at FROM ${table} WHERE storefront = 'sto_old'`,
    ).all();
    expect(left.results).toEqual([{ at: edge }]);
  },
);
