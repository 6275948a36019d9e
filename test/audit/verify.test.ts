import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { AuditLogObject } from "../../src/audit/audit-log.ts";
import { signCheckpoint } from "../../src/audit/checkpoint.ts";
import { type AuditEntry, stampEntry } from "../../src/audit/entry.ts";
import { openTrail } from "../../src/audit/trail.ts";
import { depsOf } from "../../src/deps.ts";
import type { Keys } from "../../src/lib/keys.ts";
import { aLog, aRecord, emptyBucket, keysOf } from "./support.ts";

type Log = Awaited<ReturnType<typeof aLog>>;

beforeEach(emptyBucket);

/** Another key under the same version: what somebody would stamp with who lacks ours. */
const FOREIGN = keysOf([1, 99]);

const NEWEST = "INSERT OR REPLACE INTO newest (id, count, head, at, mac) VALUES (1, ?, ?, ?, ?)";

async function setNewest({ sql }: Log, newest: Record<string, unknown>): Promise<void> {
  const { count, head, at, mac } = newest;
  await sql(NEWEST, Number(count), String(head), Number(at), String(mac));
}

/** Changes an entry and stamps it and all that follow anew, as far as that goes with these keys. */
async function restamp(log: Log, keys: Keys, from: number, change: Partial<AuditEntry>) {
  const rows = await log.log.read(from - 1, 1000);
  let prev: string | null = null;
  for (const row of rows) {
    const entry: AuditEntry = { ...JSON.parse(row.body), ...(row.seq === from ? change : {}) };
    const stamped = stampEntry(keys, prev === null ? entry : { ...entry, prev });
    await log.sql(
      "UPDATE entries SET body = ?, mac = ? WHERE seq = ?",
      ...Object.values(stamped).slice(1),
      row.seq,
    );
    prev = stamped.mac;
  }
  return { count: rows.at(-1)?.seq ?? 0, head: prev ?? "" };
}

describe("an audit log that nobody touched", () => {
  it("is valid, with its length and its last entry", async () => {
    const log = await aLog(5);
    await log.checkpoint();
    await log.grow(3);
    const [last] = await log.sql("SELECT mac FROM entries WHERE seq = 8");
    expect(await log.trail.verify()).toEqual({
      valid: true,
      count: 8,
      head: last?.mac,
      findings: [],
    });
  });

  it("is valid while it is empty", async () => {
    const { trail } = await aLog();
    expect(await trail.verify()).toEqual({ valid: true, count: 0, head: null, findings: [] });
  });

  it("is read to its end, however many calls that takes", async () => {
    const log = await aLog();
    await runInDurableObject(log.stub, async (object) => {
      for (let n = 0; n < 2_050; n++) await object.append(aRecord());
    });
    expect(await log.trail.verify()).toMatchObject({ valid: true, count: 2_050 });
    await log.sql("DELETE FROM entries WHERE seq = 2001");
    expect(await log.findings()).toEqual(["deleted 2001"]);
  });

  it("stays valid over a new data key, and not without the old one", async () => {
    const log = await aLog(4);
    await log.checkpoint();
    const rotated = keysOf([1, 2], [2, 77]);
    await runInDurableObject(log.stub, async (_, state) => {
      const { clock, logError } = depsOf(env);
      const deps = { keys: rotated, clock, logError, checkpoints: env.AUDIT_CHECKPOINTS };
      await new AuditLogObject(state, env, deps).append(aRecord());
    });
    const [fifth] = await log.log.read(4, 1);
    expect(fifth?.mac).toMatch(/^2\./);
    const under = (keys: Keys) =>
      openTrail({ log: () => log.log, checkpoints: env.AUDIT_CHECKPOINTS, keys }).verify();
    expect(await under(rotated)).toMatchObject({ valid: true, count: 5 });
    expect(await under(keysOf([2, 77]))).toMatchObject({ valid: false });
  });
});

describe("an edited entry", () => {
  it.each([1, 4, 10])("is found: number %i of 10", async (seq) => {
    const log = await aLog(10);
    await log.sql(
      "UPDATE entries SET body = json_set(body, '$.actor', 'key_X') WHERE seq = ?",
      seq,
    );
    expect(await log.findings()).toEqual([`edited ${seq}`]);
  });

  it("is found though its text means the same JSON", async () => {
    const log = await aLog(3);
    await log.sql("UPDATE entries SET body = body || ' ' WHERE seq = 2");
    expect(await log.findings()).toEqual(["edited 2"]);
  });
});

describe("a deleted entry", () => {
  it("is found in the middle and at the beginning", async () => {
    const log = await aLog(10);
    await log.sql("DELETE FROM entries WHERE seq IN (1, 4, 5)");
    expect(await log.findings()).toEqual(["deleted 1", "deleted 4"]);
  });

  it("is found though the others move up", async () => {
    const log = await aLog(10);
    await log.sql("DELETE FROM entries WHERE seq = 4");
    for (let seq = 5; seq <= 10; seq++) {
      await log.sql("UPDATE entries SET seq = seq - 1 WHERE seq = ?", seq);
    }
    expect(await log.findings()).toContain("swapped 4");
    expect(await log.findings()).toContain("truncated 10");
  });
});

describe("swapped entries", () => {
  it.each([
    [3, 4],
    [2, 9],
    [9, 10],
  ])("are found: %i and %i of 10", async (a, b) => {
    const log = await aLog(10);
    await log.sql("UPDATE entries SET seq = 0 WHERE seq = ?", a);
    await log.sql("UPDATE entries SET seq = ? WHERE seq = ?", a, b);
    await log.sql("UPDATE entries SET seq = ? WHERE seq = 0", b);
    expect((await log.findings()).slice(0, 2)).toEqual([`swapped ${a}`, `swapped ${b}`]);
  });
});

describe("a truncated log", () => {
  it("is found at once, before any checkpoint", async () => {
    const log = await aLog(10);
    await log.sql("DELETE FROM entries WHERE seq > 7");
    expect(await log.findings()).toEqual(["truncated 8"]);
  });

  it("shows its gap for good, whatever is entered later", async () => {
    const log = await aLog(10);
    await log.sql("DELETE FROM entries WHERE seq > 7");
    await log.grow(2);
    expect(await log.findings()).toEqual(["deleted 8"]);
  });

  it("is found by its checkpoint when its own record was put back as well", async () => {
    const log = await aLog(7);
    const [early = {}] = await log.sql("SELECT * FROM newest");
    await log.grow(3);
    await log.checkpoint();
    await log.sql("DELETE FROM entries WHERE seq > 7");
    await setNewest(log, early);
    expect(await log.findings()).toEqual(["truncated 8"]);
    // It has grown past the checkpoint again: by entries that are ours, and not those of then.
    await log.grow(5);
    expect(await log.findings()).toEqual(["restamped 10"]);
  });

  it("is found by its checkpoint when nothing at all is left", async () => {
    const log = await aLog(7);
    await log.checkpoint();
    await log.sql("DELETE FROM entries");
    await log.sql("DELETE FROM newest");
    expect(await log.findings()).toEqual(["truncated 1"]);
  });

  it("is found when its own record is gone", async () => {
    const log = await aLog(7);
    await log.sql("DELETE FROM newest");
    expect(await log.findings()).toEqual(["truncated 7"]);
  });
});

describe("a restamped log", () => {
  it("is found when one entry got another mac", async () => {
    const log = await aLog(10);
    const [row] = await log.log.read(3, 1);
    const stamped = stampEntry(FOREIGN, { ...JSON.parse(row?.body ?? ""), actor: "key_X" });
    await log.sql("UPDATE entries SET body = ?, mac = ? WHERE seq = 4", stamped.body, stamped.mac);
    expect(await log.findings()).toEqual(["restamped 4"]);
  });

  it("is found when a whole tail was linked anew under another key", async () => {
    const log = await aLog(10);
    const { head, count } = await restamp(log, FOREIGN, 6, { actor: "key_X" });
    await setNewest(log, { ...signCheckpoint(FOREIGN, { count, head, at: 1 }) });
    expect(await log.findings()).toEqual(["restamped 6", "forged-checkpoint 10"]);
  });

  it("is found by its checkpoint even when the key was ours", async () => {
    const log = await aLog(10);
    await log.checkpoint();
    const { keys } = depsOf(env);
    const { head, count } = await restamp(log, keys, 6, { actor: "key_X" });
    await setNewest(log, { ...signCheckpoint(keys, { count, head, at: 1 }) });
    expect(await log.findings()).toEqual(["restamped 10"]);
  });

  it("is found when entries were planted beyond the last, and goes on behind them", async () => {
    const log = await aLog(3);
    const body = JSON.stringify({ ...aRecord(), seq: 4, at: 1, outcome: "done", prev: "" });
    await log.sql("INSERT INTO entries (seq, body, mac) VALUES (4, ?, '1.x')", body);
    expect(await log.findings()).toEqual(["restamped 4"]);
    await log.grow(2);
    expect(await log.findings()).toEqual(["restamped 4"]);
  });
});

describe("a checkpoint", () => {
  const stored = async () => {
    const { objects } = await env.AUDIT_CHECKPOINTS.list({ include: ["customMetadata"] });
    return objects;
  };

  it("is kept once an hour, and the next one is due", async () => {
    const log = await aLog(2);
    await log.checkpoint();
    await log.grow(1);
    await log.checkpoint();
    const [only, ...others] = await stored();
    expect(others).toEqual([]);
    expect(only?.key).toMatch(/^checkpoints\/\d{4}-\d\d-\d\dT\d\d\.json$/);
    const text = await (await env.AUDIT_CHECKPOINTS.get(only?.key ?? ""))?.text();
    expect(JSON.parse(text ?? "")).toMatchObject({ count: 2, mac: expect.stringMatching(/^1\./) });
    const alarm = await runInDurableObject(log.stub, (_, state) => state.storage.getAlarm());
    expect(Number(alarm) % 3_600_000).toBe(0);
  });

  it.each([
    ["that was signed with another key", FOREIGN, {}, {}],
    ["whose words beside the text were changed", null, { count: "1" }, {}],
    ["that stands at another hour", null, {}, { key: "checkpoints/2031-01-01T00.json" }],
  ] as const)("%s is found", async (_, foreign, said, { key }: { key?: string }) => {
    const log = await aLog(3);
    await log.checkpoint();
    const [kept] = await stored();
    if (!kept) throw new Error("no checkpoint was kept");
    const text = (await (await env.AUDIT_CHECKPOINTS.get(kept.key))?.text()) ?? "";
    const { count, head, at } = JSON.parse(text);
    const facts = foreign ? signCheckpoint(foreign, { count, head, at }) : JSON.parse(text);
    const { mac } = facts;
    await env.AUDIT_CHECKPOINTS.put(key ?? kept.key, JSON.stringify({ at, count, head, mac }), {
      customMetadata: { ...kept.customMetadata, mac, ...said },
    });
    expect((await log.findings()).map((one) => one.split(" ")[0])).toEqual(["forged-checkpoint"]);
  });

  it("whose text was changed is found", async () => {
    const log = await aLog(3);
    await log.checkpoint();
    const [kept] = await stored();
    const { customMetadata = {}, key = "" } = kept ?? {};
    await env.AUDIT_CHECKPOINTS.put(key, "{}", { customMetadata });
    expect(await log.findings()).toEqual(["forged-checkpoint 0"]);
  });
});
