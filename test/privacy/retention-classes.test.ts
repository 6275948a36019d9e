import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { LegalHold } from "../../src/privacy/legal-hold.ts";
import {
  EXPIRING_TABLES,
  type ExpiringTable,
  newRetention,
  retainStep,
} from "../../src/privacy/retention.ts";
import { keysOf } from "./builders.ts";

// Older than anything that other files put into the same database.
const NOW = Date.UTC(1989, 0, 1);
const { blindIndexes } = keysOf(1, 2);
const TO = "+8613512347777";

interface Column {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly pk: number;
  readonly dflt_value: unknown;
}

const columnsOf = async (table: string): Promise<readonly Column[]> =>
  (await env.DB.prepare(`PRAGMA table_info(${table})`).all<Column>()).results;

let rows = 0;

/** Puts a row into a table that says as little as the table lets it; answers its rowid. */
async function put(table: string, values: Readonly<Record<string, unknown>>): Promise<number> {
  const needed = (await columnsOf(table)).filter(
    ({ name, notnull, pk, dflt_value, type }) =>
      !(name in values) && (notnull || (pk && type !== "INTEGER")) && dflt_value === null,
  );
  const filled = needed.map(({ name, type }): [string, unknown] => [
    name,
    type.toUpperCase() === "TEXT" ? `retained ${rows++}` : rows++,
  ]);
  const row = Object.fromEntries([...Object.entries(values), ...filled]);
  const names = Object.keys(row);
  const { meta } = await env.DB.prepare(
    `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
  )
    .bind(...Object.values(row))
    .run();
  return meta.last_row_id;
}

const isThere = async (table: string, rowid: number): Promise<boolean> =>
  (await env.DB.prepare(`SELECT 1 FROM ${table} WHERE rowid = ?`).bind(rowid).first()) !== null;

/** The day's work on one table. */
async function retain(table: ExpiringTable, holds: readonly LegalHold[] = []): Promise<void> {
  const deps = {
    now: () => NOW,
    binding: env.DB,
    shards: [],
    tables: [table],
    blindIndexes,
    holds: async () => holds,
    keptFor: async () => () => 0,
    most: 500,
  };
  let state: typeof newRetention | null = newRetention;
  while (state) state = await retainStep(deps, state);
}

const aHold = (change: Partial<LegalHold>): LegalHold => ({
  id: "hld_1",
  storefront: null,
  to: null,
  campaign: null,
  reason: "a dispute",
  until: null,
  createdAt: 0,
  ...change,
});

const isSetBy = ({ name }: Column) => name === "to_index" || name === "from_index";

describe.each(EXPIRING_TABLES)("$table", (expiring) => {
  const { table, at, keptForMs, isHeld } = expiring;
  const edge = NOW - keptForMs;

  it("lets a row go once it is too old, and none that is not", async () => {
    const old = await put(table, { [at]: edge - 1 });
    const young = await put(table, { [at]: edge });
    await retain(expiring);
    expect([await isThere(table, old), await isThere(table, young)]).toEqual([false, true]);
  });

  it.runIf(isHeld)("keeps what a legal hold keeps, however old, until it is lifted", async () => {
    const [index = ""] = blindIndexes(TO).slice(-1);
    const own = (await columnsOf(table)).find(isSetBy);
    const code = `held ${rows++}`;
    if (!own) await put("links", { code, to_index: index, expires_at: edge - 1 });
    const held = await put(table, { [at]: edge - 1, ...(own ? { [own.name]: index } : { code }) });
    await retain(expiring, [aHold({ to: TO })]);
    expect(await isThere(table, held)).toBe(true);
    await retain(expiring, [aHold({ to: TO, until: NOW })]);
    expect(await isThere(table, held)).toBe(false);
  });
});

/** Tables that speak of persons, and why the day's work leaves them alone. */
const KEPT: Readonly<Record<string, string>> = {
  complaints: "proof",
  consents: "proof",
  contacts: "until they are erased",
  events: "the event log forgets them by itself",
  sandbox_messages: "for a day, by the sandbox",
  suppressions: "proof: an opt-out outlives all else",
};

it("every table that names a person has a class", async () => {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
  ).all<{ name: string }>();
  const named: string[] = [];
  for (const { name } of results) {
    const columns = await columnsOf(name);
    if (columns.some((one) => /^(to|from|recipient)_(index|sealed)$/.test(one.name))) {
      named.push(name);
    }
  }
  const expiring = EXPIRING_TABLES.map(({ table }) => table);
  expect(named.filter((name) => !expiring.includes(name)).sort()).toEqual(Object.keys(KEPT));
});
