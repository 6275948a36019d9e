import { env } from "cloudflare:workers";
import { depsOf } from "../../src/deps.ts";
import { ulid } from "../../src/lib/id.ts";
import { sealedIn } from "../../src/messages/message.ts";
import type { Storefront } from "../../src/storefronts/storefront.ts";
import type { Template } from "../../src/templates/template.ts";
import { plainVariable, variablesOf } from "../../src/templates/template.ts";
import type { NewEvent } from "../../src/triggers/event.ts";
import { EventLog } from "../../src/triggers/event-log.ts";
import type { KnownContact } from "../../src/triggers/occasion.ts";
import type { Rule } from "../../src/triggers/rule.ts";
import type { TriggerWorld } from "../../src/triggers/run-due.ts";
import { loadConfiguration } from "../../src/wiring/configuration.ts";

const deps = depsOf(env);
const { db, keys } = deps;
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

let made = 0;

/** A mainland number that no other test uses. */
export const aNumber = (): string => `+86137${String(20_000_000 + made++).padStart(8, "0")}`;

export const anEvent = (change: Partial<NewEvent> = {}): NewEvent => ({
  id: `event-${++made}`,
  name: "order.paid",
  to: aNumber(),
  country: null,
  contact: null,
  data: { order_no: "A1" },
  occurredAt: null,
  ...change,
});

/** A storefront of its own with one approved template, and a clock that a test sets. */
export async function aWorld(rules: readonly Partial<Rule>[], contacts: KnownContact[] = []) {
  const storefront: Storefront = {
    id: `sto_${ulid(1, random(10))}`,
    name: "Shop",
    domain: "shop.example",
    defaultCountry: "CN",
    timezone: "Asia/Shanghai",
    locale: "zh-CN",
    currency: "CNY",
    sender: "snd_1",
  };
  const aTemplate = (locale: string, body: string): Template => ({
    id: `tpl_${locale}`,
    storefront: storefront.id,
    name: "paid",
    category: "notification",
    channel: "sms",
    locale,
    version: 1,
    sender: "snd_1",
    body,
    variables: variablesOf(body).map(plainVariable),
    bindings: [],
  });
  const aRule = (change: Partial<Rule>): Rule => ({
    id: `rul_${++made}`,
    storefront: storefront.id,
    version: 1,
    preset: null,
    createdAt: 0,
    updatedAt: 0,
    name: "a rule",
    event: "order.paid",
    condition: null,
    template: "paid",
    to: null,
    variables: {},
    delaySeconds: 0,
    expiresIn: null,
    cancelOn: [],
    category: null,
    enabled: true,
    timing: null,
    ...change,
  });
  let now = 1_800_000_000_000;
  const clock = { now: () => now, wake: (at: number) => at, unwake: (at: number) => at };
  const templates = [
    aTemplate("zh-CN", "{{name|您}}好，订单{{order_no}}已付款"),
    aTemplate("en", "Hello {{name|there}}, order {{order_no}} is paid"),
  ];
  const configuration = {
    ...(await loadConfiguration(db, keys)),
    senders: [{ id: "snd_1", storefront: storefront.id, name: "Shop" }],
    templates,
  };
  const errors: unknown[] = [];
  const wakes: number[] = [];
  const world = {
    keys,
    clock,
    randomBytes: random,
    sandbox: false,
    rules: rules.map(aRule),
    templates: templates as Template[],
    storefronts: [storefront],
    accepting: { ...deps.dispatch.accepting(configuration), clock, wake: async () => {} },
    events: new EventLog(env.DB, keys, deps.audience.alongside),
    contactsOf: async () => contacts,
    wakeClock: async (at: number) => void wakes.push(at),
    reviewStages: async () => {},
    noteProducts: () => {},
    logError: (_event: string, error: unknown) => void errors.push(error),
  } satisfies TriggerWorld;
  return {
    world,
    storefront,
    errors,
    /** For when the clock was woken. */
    wakes,
    /** So many seconds pass. */
    pass: (seconds: number) => {
      now += seconds * 1_000;
    },
    /** The texts that were accepted, in no order. */
    async texts(): Promise<string[]> {
      const rows = await Promise.all(
        [env.LOG_0, env.LOG_1].map((log) =>
          log
            .prepare("SELECT id, text_sealed AS text FROM messages WHERE storefront = ?1")
            .bind(storefront.id)
            .all<{ id: string; text: string }>(),
        ),
      );
      return rows
        .flatMap(({ results }) => results)
        .map(({ id, text }) => keys.unseal(text, sealedIn("text", id)));
    },
    async outcomes(id: string | null) {
      const found = await world.events.find(storefront.id, false, id ?? "");
      return found ? world.events.outcomesOf(found.key) : [];
    },
  };
}
