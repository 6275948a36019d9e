import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { givingWay } from "../../src/db/giving-way.ts";

const TABLE = "CREATE TABLE IF NOT EXISTS patient (n INTEGER)";

/** A handle that notes each time that it gave way; it goes on once `pass` resolves. */
function aHandle(pass: () => Promise<void> = async () => {}) {
  let gave = 0;
  const handle = givingWay(env.DB, () => {
    gave++;
    return pass();
  });
  return { handle, gave: () => gave };
}

describe("a database handle that gives way", () => {
  beforeAll(async () => {
    await env.DB.prepare(TABLE).run();
  });

  it("answers as the database does, once for each statement", async () => {
    const { handle, gave } = aHandle();
    const insert = "INSERT INTO patient VALUES (?1)";
    expect((await handle.prepare(insert).bind(1).run()).meta.changes).toBe(1);
    const select = () => handle.prepare("SELECT n FROM patient WHERE n = ?1").bind(1);
    expect((await select().all()).results).toEqual([{ n: 1 }]);
    expect(await select().first()).toEqual({ n: 1 });
    expect(await select().first("n")).toBe(1);
    expect(await select().raw()).toEqual([[1]]);
    expect(gave()).toBe(5);
  });

  it("gives way once for a batch, which is still one transaction", async () => {
    const { handle, gave } = aHandle();
    const insert = (n: number) => handle.prepare("INSERT INTO patient VALUES (?1)").bind(n);
    await expect(handle.batch([insert(7), handle.prepare("no statement")])).rejects.toThrow();
    await handle.batch([insert(8), insert(9)]);
    const { results } = await env.DB.prepare("SELECT n FROM patient WHERE n > 6 ORDER BY n").all();
    expect([results, gave()]).toEqual([[{ n: 8 }, { n: 9 }], 2]);
  });

  it("serves drizzle", async () => {
    const { handle, gave } = aHandle();
    const database = openDatabase(handle);
    expect(await database.all(sql`SELECT 5 AS n`)).toEqual([{ n: 5 }]);
    expect(gave()).toBe(1);
  });

  it("runs nothing before it may go on", async () => {
    let goOn = () => {};
    const { handle } = aHandle(() => new Promise((resolve) => (goOn = resolve)));
    const count = async () =>
      (await env.DB.prepare("SELECT count(*) AS n FROM patient WHERE n = 3").first())?.n;
    const run = handle.prepare("INSERT INTO patient VALUES (3)").run();
    expect(await count()).toBe(0);
    goOn();
    await run;
    expect(await count()).toBe(1);
  });
});
