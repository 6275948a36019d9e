import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { defaultAbuseRules } from "../../src/compliance/rules.ts";
import { depsOf } from "../../src/deps.ts";
import { DAY } from "../../src/lib/time.ts";
import { PhoneStorage } from "../../src/phone/storage.ts";
import { sealedCode } from "../../src/verifications/begin-send.ts";
import type { PhoneNumberStub, SendPlan } from "../../src/verifications/plan.ts";
import { phoneObjectName } from "../../src/verifications/verification-id.ts";

let numbers = 0;
const { keys, log } = depsOf(env);

/** A plan whose only provider is at a closed port: its outcome is unknown. */
function aPlan(change: Partial<SendPlan> = {}): SendPlan {
  const to = `+86137${String(++numbers).padStart(8, "0")}`;
  return {
    objectName: phoneObjectName(keys, to),
    to,
    country: "CN",
    storefront: "sto_1",
    purpose: "login",
    locale: "en",
    template: "tpl_1",
    body: "code {{code}}",
    sender: "Shop",
    alphabet: "digits",
    codeLength: 6,
    ttlMs: 300_000,
    maxAttempts: 5,
    resendAfterMs: 0,
    caps: { perHour: 5, perDay: 10 },
    context: null,
    candidates: [
      {
        account: "acc_1",
        provider: "aliyun",
        endpoint: "http://127.0.0.1:9/",
        relay: null,
        credentials: { access_key_id: "id", access_key_secret: "secret" },
        templateId: "SMS_1",
        parameters: ["code"],
        passedOver: false,
      },
    ],
    route: { step: "route", verdict: "aliyun", en: "By rule 1.", zh: "规则 1。" },
    rules: defaultAbuseRules,
    observed: [],
    onlyIfKnown: false,
    askedFrom: null,
    request: null,
    sandbox: false,
    ...change,
  };
}

const objectOf = (plan: SendPlan) => env.PHONE.getByName(plan.objectName);
const stubOf = (plan: SendPlan) => objectOf(plan) as unknown as PhoneNumberStub;
const tables = (plan: SendPlan) =>
  runInDurableObject(objectOf(plan), (_object, state) =>
    state.storage.sql
      .exec(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
      )
      .toArray(),
  );

describe("a number's object", () => {
  it("keeps its rows while the log is out of order, and hands them over when it is back", async () => {
    const plan = aPlan();
    const shards = [env.LOG_0, env.LOG_1];
    for (const shard of shards) await shard.exec("ALTER TABLE messages RENAME TO messages_away");
    expect((await stubOf(plan).send(plan)).kind).toBe("sent");
    await runDurableObjectAlarm(objectOf(plan));
    for (const shard of shards) await shard.exec("ALTER TABLE messages_away RENAME TO messages");
    const filter = { numbers: keys.blindIndexes(plan.to) };
    expect(await log.list(filter, 10)).toEqual([]);
    await evictDurableObject(objectOf(plan));
    await runDurableObjectAlarm(objectOf(plan));
    expect(await log.list(filter, 10)).toMatchObject([{ status: "unknown", provider: "aliyun" }]);
  });

  it("remembers wrong guesses and caps when its memory is gone", async () => {
    const plan = aPlan({ caps: { perHour: 1, perDay: 10 } });
    const sent = await stubOf(plan).send(plan);
    if (sent.kind !== "sent") throw new Error(sent.kind);
    const guess = {
      target: { id: sent.view.id, storefront: null },
      code: "wrong",
      context: null,
      request: null,
    };
    await stubOf(plan).check(guess);
    await evictDurableObject(objectOf(plan));
    expect(await stubOf(plan).check(guess)).toMatchObject({ attemptsLeft: 3 });
    expect(await stubOf(plan).send(plan)).toMatchObject({ refusal: { cap: "per_hour" } });
  });

  it("answers a repeated request with what the first one made, and sends nothing", async () => {
    const plan = aPlan({ request: "request-1" });
    const first = await stubOf(plan).send(plan);
    const again = await stubOf(plan).send(plan);
    expect(again).toMatchObject({ kind: "sent", view: { sends: 1 } });
    expect(first.attempts).toHaveLength(1);
    expect(again.attempts).toHaveLength(0);
  });

  it("knows whether a code was approved, and refuses a stranger where only known ones may pass", async () => {
    const plan = aPlan();
    const guarded = { ...plan, onlyIfKnown: true };
    expect(await stubOf(plan).send(guarded)).toEqual({ kind: "stranger", attempts: [] });
    expect(await tables(plan)).toEqual([]);
    const sent = await stubOf(plan).send(plan);
    if (sent.kind !== "sent") throw new Error(sent.kind);
    expect(await stubOf(plan).send(guarded)).toMatchObject({ kind: "stranger" });
    const code = await runInDurableObject(objectOf(plan), (_object, state) => {
      const { codeSealed } = new PhoneStorage(state.storage.sql).challenge(sent.view.id) ?? {};
      return keys.unseal(codeSealed ?? "", sealedCode(sent.view.id));
    });
    const target = { id: sent.view.id, storefront: null };
    await stubOf(plan).check({ target, code, context: null, request: null });
    await evictDurableObject(objectOf(plan));
    expect(await stubOf(plan).send(guarded)).toMatchObject({ kind: "sent" });
  });

  it("of an earlier version learns to know, and is known for half a year", async () => {
    const plan = aPlan();
    const known = await runInDurableObject(objectOf(plan), (_object, { storage: { sql } }) => {
      sql.exec(`CREATE TABLE schema (version INTEGER NOT NULL); INSERT INTO schema VALUES (2);
        CREATE TABLE challenges (id TEXT PRIMARY KEY, created_at INTEGER, body TEXT);
        CREATE TABLE sends (id TEXT PRIMARY KEY, challenge TEXT, at INTEGER, open INTEGER, logged INTEGER);
        CREATE TABLE guesses (at INTEGER NOT NULL, purpose TEXT NOT NULL);`);
      const storage = new PhoneStorage(sql);
      const before = storage.isKnown(DAY);
      storage.noteApproved(DAY);
      const again = new PhoneStorage(sql);
      const at = (days: number) => [again.isKnown(days * DAY), again.forget(days * DAY)];
      return { before, after: at(180), gone: at(181) };
    });
    expect(known).toEqual({ before: false, after: [true, 181 * DAY], gone: [false, null] });
  });

  it("that was only asked about gets no tables", async () => {
    const plan = aPlan();
    const target = { purpose: "login", storefront: "sto_1" };
    const check = { target, code: "1", context: null, request: null };
    expect(await stubOf(plan).check(check)).toEqual({ kind: "missing" });
    expect(await tables(plan)).toEqual([]);
  });

  it("knows the verifications of one storefront only, when it is asked for one", async () => {
    const plan = aPlan();
    const sent = await stubOf(plan).send(plan);
    if (sent.kind !== "sent") throw new Error(sent.kind);
    const { id } = sent.view;
    expect(await stubOf(plan).read(id, "sto_2")).toBeNull();
    expect(await stubOf(plan).cancel(id, "sto_2")).toBeNull();
    const guess = { code: "1", context: null, request: null };
    const foreign = { ...guess, target: { id, storefront: "sto_2" } };
    expect(await stubOf(plan).check(foreign)).toEqual({ kind: "missing" });
    expect(await stubOf(plan).read(id, "sto_1")).toMatchObject({ status: "pending" });
  });

  it("holds neither number nor code in clear", async () => {
    const plan = aPlan();
    await stubOf(plan).send(plan);
    const rows = await runInDurableObject(objectOf(plan), (_object, state) =>
      ["challenges", "sends"].map((table) =>
        state.storage.sql.exec(`SELECT * FROM ${table}`).toArray(),
      ),
    );
    const text = JSON.stringify(rows);
    expect(text).toContain("codeSealed");
    expect(text).not.toContain(plan.to.slice(3));
    expect(text).not.toMatch(/"code [0-9]/);
  });
});
