import { env } from "cloudflare:workers";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { resealStep } from "../../src/privacy/reseal.ts";
import { advance, newRotation } from "../../src/privacy/rotation.ts";
import { SEALED_TABLES, type SealedTable } from "../../src/privacy/sealed-tables.ts";
import { keysOf } from "./builders.ts";

const binding = env.DB;
const table: SealedTable = {
  place: "db",
  table: "people_to_reseal",
  sealed: { to_sealed: "people|to", note_sealed: "people|note" },
  indexes: { to_index: "to_sealed" },
};
const old = keysOf(1);
const both = keysOf(1, 2);
const young = keysOf(2);
const number = (n: number) => `+861380013${String(8000 + n)}`;

interface Row {
  readonly id: string;
  readonly to_sealed: string;
  readonly to_index: string;
  readonly note_sealed: string | null;
}

async function add(id: string, to: string, keys = old, note: string | null = "a note") {
  await binding
    .prepare("INSERT INTO people_to_reseal VALUES (?, ?, ?, ?)")
    .bind(
      id,
      keys.seal(to, `people|to|${id}`),
      keys.blindIndex(to),
      note === null ? null : keys.seal(note, `people|note|${id}`),
    )
    .run();
}

const rows = async () =>
  (await binding.prepare("SELECT * FROM people_to_reseal ORDER BY id").all<Row>()).results;

/** Steps until no row is beyond; `most` rows each. */
async function walk(most: number, from = 0) {
  const steps = [];
  for (let cursor: number | null = from; cursor !== null; ) {
    const step = await resealStep(both, { binding, table }, cursor, most);
    steps.push(step);
    cursor = step.cursor;
  }
  return steps;
}

beforeEach(async () => {
  await binding.exec("DROP TABLE IF EXISTS people_to_reseal");
  await binding.exec(
    "CREATE TABLE people_to_reseal (id TEXT PRIMARY KEY, to_sealed TEXT, to_index TEXT UNIQUE, note_sealed TEXT)",
  );
});
afterAll(() => binding.exec("DROP TABLE IF EXISTS people_to_reseal"));

describe("a rotation of keys", () => {
  it("leaves rows that the newest key reads alone, under ids of their own", async () => {
    for (let n = 0; n < 7; n++) await add(`p${n}`, number(n));
    await walk(3);
    for (const [n, row] of (await rows()).entries()) {
      expect(young.unseal(row.to_sealed, `people|to|p${n}`)).toBe(number(n));
      expect(young.unseal(row.note_sealed ?? "", `people|note|p${n}`)).toBe("a note");
      expect(row.to_index).toBe(young.blindIndex(number(n)));
    }
  });

  it("is found by either version of a number's index on its way, by the newest one in the end", async () => {
    for (let n = 0; n < 4; n++) await add(`p${n}`, number(n));
    const found = async (n: number) =>
      (await rows()).filter((row) => both.blindIndexes(number(n)).includes(row.to_index)).length;
    await resealStep(both, { binding, table }, 0, 2);
    const versions = new Set((await rows()).map((row) => row.to_index.split(".")[0]));
    expect(versions).toEqual(new Set(["1", "2"]));
    for (let n = 0; n < 4; n++) expect(await found(n)).toBe(1);
  });

  it("goes on from its cursor, and done twice changes nothing", async () => {
    for (let n = 0; n < 5; n++) await add(`p${n}`, number(n));
    const first = await resealStep(both, { binding, table }, 0, 2);
    expect(first).toEqual({ cursor: 2, looked: 2, older: 2, resealed: 2 });
    const again = await resealStep(both, { binding, table }, 0, 2);
    expect(again).toEqual({ cursor: 2, looked: 2, older: 0, resealed: 0 });
    const rest = await walk(2, 2);
    expect(rest.reduce((sum, step) => sum + step.resealed, 0)).toBe(3);
  });

  it("does not undo what changed between its reading and its writing", async () => {
    await add("p0", number(0));
    const change = async () => {
      await binding
        .prepare("UPDATE people_to_reseal SET note_sealed = ? WHERE id = 'p0'")
        .bind(both.seal("changed meanwhile", "people|note|p0"))
        .run();
    };
    const slow: D1Database = Object.assign(Object.create(binding), {
      prepare: (query: string): Pick<D1PreparedStatement, "bind"> => {
        const statement = binding.prepare(query);
        const bind = (...values: unknown[]) => {
          const bound = statement.bind(...values);
          const run = async () => {
            await change();
            return bound.run();
          };
          return Object.assign(Object.create(bound), query.startsWith("UPDATE") ? { run } : {}, {
            all: () => bound.all(),
          });
        };
        return { bind };
      },
    });
    const step = await resealStep(both, { binding: slow, table }, 0, 10);
    expect(step).toMatchObject({ older: 1, resealed: 0 });
    const [row] = await rows();
    expect(both.unseal(row?.note_sealed ?? "", "people|note|p0")).toBe("changed meanwhile");
  });

  it("makes one row of two that a number had under two keys, the older one", async () => {
    await add("p0", number(0), old, "first");
    await add("p1", number(0), young, "second");
    await walk(10);
    const left = await rows();
    expect(left.map((row) => row.id)).toEqual(["p0"]);
    expect(left[0]?.to_index).toBe(young.blindIndex(number(0)));
  });

  it("passes over what holds nothing, and counts what no key reads", async () => {
    await add("p0", number(0), old, null);
    await add("p1", number(1), keysOf(7));
    await binding.exec("INSERT INTO people_to_reseal VALUES ('p2', '', '', NULL)");
    const [step] = await walk(10);
    expect(step).toEqual({ cursor: null, looked: 3, older: 2, resealed: 1 });
    expect((await rows())[2]).toMatchObject({ to_sealed: "", to_index: "", note_sealed: null });
  });
});

describe("the passes of a rotation", () => {
  const step = { cursor: null, looked: 3, older: 0, resealed: 0 };
  const last = { ...newRotation, target: 1 };

  it("begin again as long as one found older rows, and end with one that found none", () => {
    const first = advance(last, { ...step, older: 2, resealed: 2 }, 2);
    expect(first).toMatchObject({ kind: "going", rotation: { pass: 2, target: 0, cursor: 0 } });
    const second = advance({ ...first.rotation, target: 1 }, step, 2);
    expect(second).toMatchObject({ kind: "done", rotation: { resealed: 2, looked: 6 } });
  });

  it("end when what is left can't be rewritten", () => {
    expect(advance(last, { ...step, older: 2 }, 2).kind).toBe("stuck");
  });

  it("go table by table, and row by row within one", () => {
    expect(advance(newRotation, { ...step, cursor: 9 }, 2).rotation).toMatchObject({
      target: 0,
      cursor: 9,
    });
    expect(advance(newRotation, step, 2).rotation).toMatchObject({ target: 1, cursor: 0 });
  });
});

describe("the list of sealed tables", () => {
  it.each([
    ["db", env.DB],
    ["log", env.LOG_0],
  ] as const)("has every column of the %s that a key made", async (place, database) => {
    const tables = await database
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
      )
      .all<{ name: string }>();
    const made: string[] = [];
    for (const { name } of tables.results.filter((one) => one.name !== table.table)) {
      const columns = await database.prepare(`PRAGMA table_info(${name})`).all<{ name: string }>();
      const keyed = columns.results.filter((column) => /_(sealed|index)$/.test(column.name));
      made.push(...keyed.map((column) => `${name}.${column.name}`));
    }
    const listed = SEALED_TABLES.filter((one) => one.place === place).flatMap((one) =>
      [...Object.keys(one.sealed), ...Object.keys(one.indexes), ...(one.passing ?? [])].map(
        (column) => `${one.table}.${column}`,
      ),
    );
    expect(made.sort()).toEqual(listed.sort());
  });
});
