import { env } from "cloudflare:workers";
import type { PermissionDeps, PermissionKeeper } from "../../src/compliance/permissions/change.ts";
import { policyOf } from "../../src/compliance/policies.ts";
import { depsOf } from "../../src/deps.ts";
import { attend, attendDue } from "../../src/inbox/attend.ts";
import type { InboxDeps, ReplyEvent } from "../../src/inbox/handle-reply.ts";
import type { KeywordRule } from "../../src/inbox/keyword-rule.ts";
import { createKeywordRule, pageReplies } from "../../src/inbox/store.ts";
import { type IdPrefix, ulid } from "../../src/lib/id.ts";
import { DAY } from "../../src/lib/time.ts";
import type { LoggedMessage } from "../../src/messages/log.ts";
import { sealedIn } from "../../src/messages/message.ts";
import { type HeldReply, storeReplies } from "../../src/receipts/store.ts";
import { numberKey } from "../../src/routing/route-context.ts";
import type { Storefront } from "../../src/storefronts/storefront.ts";
import type { Template } from "../../src/templates/template.ts";
import { plainVariable, variablesOf } from "../../src/templates/template.ts";
import { loadConfiguration } from "../../src/wiring/configuration.ts";

const { db, keys, dispatch } = depsOf(env);
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

let made = 0;

/** A mainland number that no other test uses. */
export const aNumber = (): string => `+86136${String(30_000_000 + made++).padStart(8, "0")}`;
/** A mobile number in Britain that no other test uses. */
export const abroad = (): string => `+447911${String(200_000 + made++).padStart(6, "0")}`;

const keeper = (e164: string) =>
  env.PHONE.getByName(numberKey(keys, e164)) as unknown as PermissionKeeper;

/** A shop of its own with an inbox, texts to answer by, and a clock that a test sets. */
export async function anInbox(texts: Readonly<Record<string, string>> = {}) {
  let now = 1_800_000_000_000 + made++ * DAY;
  const clock = { now: () => now, wake: (at: number) => at, unwake: (at: number) => at };
  const aShop = (): Storefront => ({
    id: `sto_${ulid(now, random(10))}`,
    name: "Shop",
    domain: "shop.example",
    defaultCountry: "CN",
    timezone: "Asia/Shanghai",
    locale: "zh-CN",
    currency: "CNY",
    sender: "snd_1",
  });
  const first = aShop();
  const shop = aShop();
  const newId = (prefix: IdPrefix) => `${prefix}_${ulid(now, random(10))}`;
  const templateOf =
    (storefront: string) =>
    ([name, body]: readonly [string, string]): Template => ({
      id: `tpl_${name}`,
      storefront,
      name,
      category: "notification",
      channel: "sms",
      locale: "en",
      version: 1,
      sender: "snd_1",
      body,
      variables: variablesOf(body).map(plainVariable),
      bindings: [],
    });
  const templates = [first, shop].flatMap(({ id }) => Object.entries(texts).map(templateOf(id)));
  const configuration = {
    ...(await loadConfiguration(db, keys)),
    storefronts: [first, shop],
    senders: [{ id: "snd_1", storefront: shop.id, name: "Shop" }],
    templates,
  };
  const permissions: PermissionDeps = {
    db,
    keys,
    clock,
    newId,
    keeper,
    wait: async () => {},
    lists: async () => [],
  };
  const sent: Partial<LoggedMessage>[] = [];
  const events: ReplyEvent[] = [];
  const tagged: unknown[] = [];
  const errors: unknown[] = [];
  const accepting = { ...dispatch.accepting(configuration), clock, wake: async () => {} };
  const deps: InboxDeps = {
    db,
    keys,
    clock,
    permissions,
    open: async () => ({
      ...configuration,
      accepting,
      policyOf: ({ category, country }) => policyOf({}, category, country),
    }),
    messagesTo: async (numbers) =>
      sent.filter((one) => numbers.includes(one.toIndex ?? "")) as LoggedMessage[],
    noteReply: async () => {},
    tagContact: async (_storefront, { e164 }, attributes) => void tagged.push([e164, attributes]),
    postEvent: async (_storefront, event) => void events.push(event),
    logError: (_event, error) => void errors.push(error),
  };

  return {
    deps,
    first,
    shop,
    events,
    tagged,
    errors,
    pass: (ms: number) => {
      now += ms;
    },
    /** A text of the shop's that reached the number, by the account `acc_1`. */
    sends(to: string, change: Partial<LoggedMessage> = {}) {
      sent.unshift({
        id: `msg_${ulid(now, random(10))}`,
        storefront: shop.id,
        toIndex: keys.blindIndex(to),
        provider: "aliyun",
        account: "acc_1",
        status: "delivered",
        locale: "en",
        ...change,
      });
    },
    /** Keeps a reply and handles nothing. */
    async hears(from: string, text: string, change: Partial<HeldReply> = {}): Promise<string> {
      const id = `acc_1:${++made}`;
      const row: HeldReply = {
        id,
        provider: "aliyun",
        account: "acc_1",
        fromSealed: keys.seal(from, `replies|from|${id}`),
        fromIndex: keys.blindIndex(from),
        textSealed: keys.seal(text, `replies|text|${id}`),
        verified: false,
        receivedAt: now,
        ...change,
      };
      await storeReplies(env.DB, [row]);
      return id;
    },
    attend: (...ids: string[]) => attend(deps, ids),
    tick: () => attendDue(deps),
    /** Keeps a reply and handles it; the newest of its number as the inbox has it. */
    async says(from: string, text: string, change: Partial<HeldReply> = {}) {
      await attend(deps, [await this.hears(from, text, change)]);
      now += 1_000;
      return this.newest(from);
    },
    async newest(from: string) {
      const [found] = await pageReplies(db, { numbers: keys.blindIndexes(from) }, 1);
      return found;
    },
    isOut: async (to: string, storefront = shop.id) =>
      (await keeper(to).permissions(storefront)).suppressed.marketing !== undefined,
    async rule(change: Partial<KeywordRule>): Promise<void> {
      const plain = { tag: null, answer: null, event: null, survey: null };
      await createKeywordRule(db, {
        id: `kwr_${String(++made).padStart(8, "0")}`,
        storefront: shop.id,
        name: "a rule",
        keywords: ["SALE"],
        match: "exact",
        ...plain,
        enabled: true,
        createdAt: now,
        updatedAt: now,
        ...change,
      });
    },
    /** The texts that were accepted, in no order. */
    async texts(storefront = shop.id): Promise<string[]> {
      const rows = await Promise.all(
        [env.LOG_0, env.LOG_1].map((log) =>
          log
            .prepare("SELECT id, text_sealed AS text FROM messages WHERE storefront = ?1")
            .bind(storefront)
            .all<{ id: string; text: string }>(),
        ),
      );
      return rows
        .flatMap(({ results }) => results)
        .map(({ id, text }) => keys.unseal(text, sealedIn("text", id)));
    },
  };
}
