import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { defaultAbuseRules } from "../../src/compliance/rules.ts";
import { depsOf } from "../../src/deps.ts";
import { DAY } from "../../src/lib/time.ts";
import { PhoneStorage } from "../../src/phone/storage.ts";
import { Tables } from "../../src/phone/tables.ts";
import { beginSend, sealedCode } from "../../src/verifications/begin-send.ts";
import { PhoneNumberObject } from "../../src/verifications/phone-number.ts";
import type { PhoneNumberStub, SendPlan } from "../../src/verifications/plan.ts";
import { settleSend } from "../../src/verifications/settle-send.ts";
import { phoneObjectName } from "../../src/verifications/verification-id.ts";

let numbers = 0;
const { keys, log, clock, phoneNumber } = depsOf(env);
const now = () => clock.now();

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
    askedNetwork: null,
    request: null,
    sandbox: false,
    ...change,
  };
}

const objectOf = (plan: SendPlan) => env.PHONE.getByName(plan.objectName);
const stubOf = (plan: SendPlan) => objectOf(plan) as unknown as PhoneNumberStub;
const storageOf = (sql: SqlStorage) => new PhoneStorage(sql, new Tables(sql));
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

  it("leaves a lost text alone while the process prepares, and takes it over after that", async () => {
    const plan = aPlan();
    const calls = await runInDurableObject(objectOf(plan), async (_object, state) => {
      beginSend({ ...phoneNumber, storage: storageOf(state.storage.sql) }, plan, now());
      const taken: boolean[] = [];
      for (const isOpen of [false, true]) {
        const replan = async () => {
          taken.push(isOpen);
          return null;
        };
        await new PhoneNumberObject(state, env, { ...phoneNumber, isOpen, replan }).alarm();
        expect(await state.storage.getAlarm()).not.toBeNull();
      }
      return taken;
    });
    expect(calls).toEqual([true]);
  });

  it("takes a lost text over, though another one was sent since", async () => {
    const plan = aPlan();
    const open = await runInDurableObject(objectOf(plan), async (_object, state) => {
      const { sql } = state.storage;
      const open = () => storageOf(sql).openSends().length;
      beginSend({ ...phoneNumber, storage: storageOf(sql) }, plan, now());
      const reborn = new PhoneNumberObject(state, env, phoneNumber);
      await reborn.send({ ...plan, purpose: "payment" });
      const before = open();
      await reborn.alarm();
      return [before, open()];
    });
    expect(open).toEqual([1, 0]);
  });

  it("wipes a code that is over, though a lost text can't be taken over", async () => {
    const plan = aPlan();
    const held = await runInDurableObject(objectOf(plan), async (_object, state) => {
      const { sql } = state.storage;
      beginSend({ ...phoneNumber, storage: storageOf(sql) }, plan, now());
      const reborn = new PhoneNumberObject(state, env, {
        ...phoneNumber,
        clock: { ...clock, now: () => now() + plan.ttlMs },
        log: () => Promise.reject(new Error("no log")),
        replan: () => Promise.reject(new Error("no configuration")),
        logError: () => {},
      });
      const before = storageOf(sql).sealedChallenges().length;
      await reborn.alarm();
      return [before, storageOf(sql).sealedChallenges().length];
    });
    expect(held).toEqual([1, 0]);
  });

  it("has written how a text ended before the log hears of it", async () => {
    const plan = aPlan();
    const openOnDisk = await runInDurableObject(objectOf(plan), async (_object, state) => {
      const { promise, resolve } = Promise.withResolvers<number>();
      const sending = new PhoneNumberObject(state, env, {
        ...phoneNumber,
        submit: async () => ({ kind: "accepted", providerMessageId: "1", code: "OK" }),
        log: async () => resolve(storageOf(state.storage.sql).openSends().length),
      });
      await sending.send(plan);
      return await promise;
    });
    expect(openOnDisk).toBe(0);
  });

  it.each([
    ["sleeps on once its text ended and the log has it", false],
    ["wakes soon while an earlier text has nobody who waits for it", true],
  ])("%s", async (_, isAnotherLost) => {
    const plan = aPlan();
    const wakesIn = await runInDurableObject(objectOf(plan), async (_object, state) => {
      const storage = storageOf(state.storage.sql);
      if (isAnotherLost) beginSend({ ...phoneNumber, storage }, plan, now());
      const sending = new PhoneNumberObject(state, env, {
        ...phoneNumber,
        submit: async () => ({ kind: "accepted", providerMessageId: "1", code: "OK" }),
        log: async () => {},
        random: () => 0,
      });
      await sending.send({ ...plan, purpose: "payment" });
      await new Promise((resolve) => setTimeout(resolve, 50));
      return Number(await state.storage.getAlarm()) - Date.now();
    });
    if (isAnotherLost) expect(wakesIn).toBeLessThan(10_000);
    else expect(wakesIn).toBeGreaterThan(60_000);
  });

  it("notes what the log took at a moment of its own, not at that of all others", async () => {
    const plan = aPlan();
    const isLogged = await runInDurableObject(objectOf(plan), async (_object, state) => {
      const sending = new PhoneNumberObject(state, env, {
        ...phoneNumber,
        submit: async () => ({ kind: "accepted", providerMessageId: "1", code: "OK" }),
        log: async () => {},
        random: () => 1,
      });
      await sending.send(plan);
      const isLogged = () => storageOf(state.storage.sql).unloggedSends().length === 0;
      await new Promise((resolve) => setTimeout(resolve, 20));
      const atOnce = isLogged();
      await expect.poll(isLogged, { timeout: 5_000 }).toBe(true);
      return atOnce;
    });
    expect(isLogged).toBe(false);
  });

  it("sleeps until its code may be forgotten, not from hour to hour", async () => {
    const plan = aPlan();
    const [at, next] = await runInDurableObject(objectOf(plan), (_object, { storage: { sql } }) => {
      const storage = storageOf(sql);
      const at = now();
      const begun = beginSend({ ...phoneNumber, storage }, plan, at);
      if (begun.kind !== "begun") throw new Error(begun.kind);
      storage.saveSend({ ...begun.row, open: false, logged: true });
      return [at, storage.forget(at + 2 * DAY)] as const;
    });
    expect(next).toBe(at + 7 * DAY);
  });

  it("keeps a code that went out while an earlier text of it was refused", async () => {
    const plan = aPlan();
    const left = await runInDurableObject(objectOf(plan), (_object, state) => {
      const storage = storageOf(state.storage.sql);
      const [first, second] = [0, 1].map(() => {
        const begun = beginSend({ ...phoneNumber, storage }, plan, now());
        if (begun.kind !== "begun") throw new Error(begun.kind);
        return begun;
      });
      if (!first || !second) throw new Error("nothing was begun");
      settleSend(storage, first.row, first.record, "refused", first.resendAtBefore);
      const kept = storage.challenge(second.row.challenge)?.sends;
      settleSend(storage, second.row, second.record, "refused", second.resendAtBefore);
      return { kept, after: storage.challenge(second.row.challenge) };
    });
    expect(left).toEqual({ kept: 1, after: null });
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
      const { codeSealed } = storageOf(state.storage.sql).challenge(sent.view.id) ?? {};
      return keys.unseal(codeSealed ?? "", sealedCode(sent.view.id));
    });
    const target = { id: sent.view.id, storefront: null };
    await stubOf(plan).check({ target, code, context: null, request: null });
    await evictDurableObject(objectOf(plan));
    expect(await stubOf(plan).send(guarded)).toMatchObject({ kind: "sent" });
  });

  it("of an earlier version keeps what it held, learns to know, and is known for half a year", async () => {
    const plan = aPlan();
    const found = await runInDurableObject(objectOf(plan), (_object, { storage: { sql } }) => {
      sql.exec(`CREATE TABLE schema (version INTEGER NOT NULL); INSERT INTO schema VALUES (2);
        CREATE TABLE challenges (id TEXT PRIMARY KEY, storefront TEXT, purpose TEXT,
          created_at INTEGER, sealed INTEGER, body TEXT) WITHOUT ROWID;
        CREATE TABLE sends (id TEXT PRIMARY KEY, challenge TEXT, at INTEGER, counted INTEGER,
          open INTEGER, logged INTEGER, request TEXT, record TEXT) WITHOUT ROWID;
        CREATE TABLE guesses (at INTEGER NOT NULL, purpose TEXT NOT NULL);
        INSERT INTO challenges VALUES ('vrf_1', 'sto_1', 'login', 5, 0,
          '{"id":"vrf_1","storefront":"sto_1","purpose":"login","codeSealed":null,"createdAt":5}');
        INSERT INTO sends VALUES ('msg_1', 'vrf_1', 6, 1, 0, 0, 'request-1', '{"id":"msg_1"}');
        INSERT INTO guesses VALUES (7, 'login');`);
      storageOf(sql).isKnown(DAY);
      const storage = storageOf(sql);
      const held = {
        challenge: storage.latestChallenge("sto_1", "login")?.id,
        owed: storage.unloggedSends(),
        caps: storage.sentAt(8),
        wrong: storage.wrongAt("login", 8),
        known: storage.isKnown(DAY),
      };
      storage.noteApproved(DAY);
      storage.markLogged(held.owed);
      storage.flush();
      const again = storageOf(sql);
      const at = (days: number) => [again.isKnown(days * DAY), again.forget(days * DAY)];
      return { held, after: at(180), gone: at(181) };
    });
    expect(found.held).toMatchObject({
      challenge: "vrf_1",
      owed: [{ id: "msg_1", challenge: "vrf_1", request: "request-1", record: '{"id":"msg_1"}' }],
      caps: [6],
      wrong: [7],
      known: false,
    });
    expect(found.after).toEqual([true, 181 * DAY]);
    expect(found.gone).toEqual([false, null]);
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
      state.storage.sql.exec("SELECT * FROM facts").toArray(),
    );
    const text = JSON.stringify(rows);
    expect(text).toContain("codeSealed");
    expect(text).not.toContain(plan.to.slice(3));
    expect(text).not.toMatch(/"code [0-9]/);
  });
});
