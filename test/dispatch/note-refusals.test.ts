import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { AuditRecord } from "../../src/audit/entry.ts";
import type { PermissionDeps, PermissionKeeper } from "../../src/compliance/permissions/change.ts";
import { consentsOf, suppressionsOf } from "../../src/compliance/permissions/store.ts";
import { depsOf } from "../../src/deps.ts";
import { noteRefusals } from "../../src/dispatch/note-refusals.ts";
import { ulid } from "../../src/lib/id.ts";
import { LogShard } from "../../src/messages/log.ts";
import { sealedIn } from "../../src/messages/message.ts";
import { QueueShard } from "../../src/messages/queue-shard.ts";
import type { Settlement } from "../../src/messages/queued.ts";
import { RefusalShard } from "../../src/messages/refusals.ts";
import { numberKey } from "../../src/routing/route-context.ts";
import { aRow } from "./builders.ts";

const { db, keys, clock, newId } = {
  ...depsOf(env),
  newId: (prefix: string) => `${prefix}_${id()}`,
};
const id = () => ulid(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
const queue = new QueueShard(env.LOG_0);
const log = new LogShard(env.LOG_0);
const refusals = new RefusalShard(env.LOG_0);
const keeper = (e164: string) =>
  env.PHONE.getByName(numberKey(keys, e164)) as unknown as PermissionKeeper;
const permissions: PermissionDeps = {
  db,
  keys,
  clock,
  newId,
  keeper,
  wait: async () => {},
  lists: async () => [],
};

let made = 0;

/** A text in hand, to a number of its own. */
async function inHand() {
  const to = `+86135${String(70_000_000 + made++).padStart(8, "0")}`;
  const message = `msg_${id()}`;
  const storefront = `sto_${id()}`;
  const row = { ...aRow({ id: message, storefront, category: "marketing" }), queue: message };
  await queue.insert([
    {
      ...row,
      segments: 1,
      toSealed: keys.seal(to, sealedIn("to", message)),
      toIndex: keys.blindIndex(to),
      locale: "en",
      status: "queued",
      account: "acc_1",
      plannedAt: null,
      expiresAt: 1e15,
      reference: null,
      variant: null,
      request: null,
      trace: [],
    },
  ]);
  await queue.claim([row], message, 1);
  return { to, message, storefront, row };
}
type InHand = Awaited<ReturnType<typeof inHand>>;

const settled = ({ row }: InHand, change: Partial<Settlement>): Settlement => ({
  ...row,
  status: "sent",
  provider: "twilio",
  account: "acc_1",
  providerMessageId: row.id,
  costAmount: null,
  costCurrency: null,
  errorCode: null,
  providerResponse: null,
  sentAt: 1,
  queue: null,
  dueAt: null,
  asked: 0,
  attempt: null,
  step: null,
  ...change,
});

const answers = (text: InHand, reason: string, code: string) =>
  queue.settle(text.message, [
    settled(text, {
      status: "failed",
      reason,
      errorCode: code,
      attempt: {
        provider: "twilio",
        account: "acc_1",
        startedAt: 1,
        endedAt: 2,
        outcome: "rejected",
        reason,
        code,
        detail: null,
        providerMessageId: null,
      },
    }),
  ]);

async function reports(text: InHand, reason: string | null, code: string): Promise<void> {
  await queue.settle(text.message, [settled(text, {})]);
  await log.applyReceipts(
    [
      {
        id: text.message,
        status: reason === null ? "delivered" : "undelivered",
        reason,
        errorCode: code,
        providerResponse: code,
        deliveredAt: null,
        segments: null,
      },
    ],
    2,
  );
}

const entered: AuditRecord[] = [];
const errors: unknown[] = [];
const note = (change: Partial<PermissionDeps> = {}) =>
  noteRefusals(
    {
      permissions: { ...permissions, ...change },
      enter: async (record) => void entered.push(record),
      logError: (_event, error) => void errors.push(error),
    },
    refusals,
  );
const suppressed = ({ storefront, to }: Pick<InHand, "storefront" | "to">) =>
  suppressionsOf(db, storefront, keys.blindIndexes(to));
const standing = ({ storefront, to }: InHand) => keeper(to).permissions(storefront);

describe("a vendor that says that the person refused", () => {
  it.each(["opted-out", "blocked-number"])(
    "with an answer (%s) ends offers to the number",
    async (reason) => {
      const text = await inHand();
      await answers(text, reason, "21610");
      await note();
      expect((await standing(text)).suppressed.marketing).toBeTypeOf("number");
      expect(await suppressed(text)).toMatchObject([
        { scope: "marketing", source: "provider", reason: `twilio 21610: ${text.message}` },
      ]);
      expect(entered.filter((one) => one.storefront === text.storefront)).toMatchObject([
        { actor: "system", actorName: "twilio", action: "suppressions.create" },
      ]);
    },
  );

  it("with a receipt does so as well, once, and grants nothing", async () => {
    const text = await inHand();
    await reports(text, "opted-out", "USER_REJECT");
    await note();
    await note();
    expect(await suppressed(text)).toMatchObject([{ source: "provider" }]);
    expect(entered.filter((one) => one.storefront === text.storefront)).toHaveLength(1);
    expect(await consentsOf(db, text.storefront, keys.blindIndexes(text.to), 9)).toEqual([]);
    expect((await standing(text)).consented).toEqual({});
  });

  it("of a code that another vendor then took does so too, known at once or later", async () => {
    const told = { provider: "twilio", account: "acc_1", startedAt: 1, reason: "opted-out" };
    const refused = { ...told, code: "21610", outcome: "rejected", endedAt: 2 };
    const open = { ...told, reason: null, code: null, outcome: "open", endedAt: null };
    for (const first of [refused, open]) {
      const to = `+86135${String(70_000_000 + made++).padStart(8, "0")}`;
      const text = { to, message: `msg_${id()}`, storefront: `sto_${id()}` };
      const record = (...attempts: object[]) =>
        log.record([
          JSON.stringify({
            id: text.message,
            storefront: text.storefront,
            toSealed: keys.seal(to, sealedIn("to", text.message)),
            toIndex: keys.blindIndex(to),
            ...{ category: "otp", channel: "sms", sender: "Shop", country: "CN", template: "t" },
            ...{ locale: "en", textSealed: "x", status: "sent", createdAt: 1, trace: [] },
            attempts,
          }),
        ]);
      await record(first);
      await record(refused, { ...told, provider: "aliyun", outcome: "accepted", reason: null });
      await note();
      expect(await suppressed(text)).toMatchObject([
        { source: "provider", reason: `twilio 21610: ${text.message}` },
      ]);
    }
  });

  it("is heard again when it could not be followed", async () => {
    const text = await inHand();
    await answers(text, "opted-out", "21610");
    const broken = () => {
      throw new Error("no object answers");
    };
    await note({ keeper: broken });
    expect(await suppressed(text)).toEqual([]);
    expect(errors).toHaveLength(1);
    await note();
    expect(await suppressed(text)).toHaveLength(1);
  });

  it("goes behind the others when it could not be followed, and is dropped with its message", async () => {
    const [failing, gone] = [await inHand(), await inHand()];
    for (const text of [failing, gone]) await answers(text, "opted-out", "21610");
    await env.LOG_0.prepare("DELETE FROM messages WHERE id = ?").bind(gone.message).run();
    await note({
      keeper: () => {
        throw new Error("no object answers");
      },
    });
    const later = await inHand();
    await answers(later, "opted-out", "21610");
    await env.LOG_0.prepare("UPDATE message_refusals SET at = 1 WHERE message = ?")
      .bind(later.message)
      .run();
    expect((await refusals.waiting(100)).map((one) => one.message)).toEqual([
      later.message,
      failing.message,
    ]);
    await note();
  });

  it("leaves an earlier opt-out as it was", async () => {
    const text = await inHand();
    await keeper(text.to).suppress(text.storefront, "marketing", 5);
    await answers(text, "opted-out", "21610");
    await note();
    expect((await standing(text)).suppressed.marketing).toBe(5);
  });
});

describe("a vendor that says anything else", () => {
  it.each(["traffic-blocked", "unreachable-number", "content-rejected", "number-frequency"])(
    "(%s) ends no offers",
    async (reason) => {
      const [answered, reported] = [await inHand(), await inHand()];
      await answers(answered, reason, "30004");
      await reports(reported, reason, "30004");
      await note();
      expect(await suppressed(answered)).toEqual([]);
      expect(await suppressed(reported)).toEqual([]);
    },
  );

  it("takes no opt-out back: not a text that arrived after it", async () => {
    const text = await inHand();
    await keeper(text.to).suppress(text.storefront, "marketing", 5);
    await reports(text, null, "DELIVERED");
    await note();
    expect((await standing(text)).suppressed.marketing).toBe(5);
  });
});
