import type { OrderOf } from "../contacts/store.ts";
import { ulid } from "../lib/id.ts";
import { SECOND } from "../lib/time.ts";
import { parsePhone } from "../phone/e164.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { holds } from "./condition.ts";
import type { NewEvent, StoredEvent } from "./event.ts";
import type { EventEntry, NewOutcome } from "./event-log.ts";
import { type Occasion, prepareOccasions } from "./occasion.ts";
import type { Rule } from "./rule.ts";
import { dueAt, sendOccasions, type TriggerDeps } from "./send-occasions.ts";

export interface PublishedEvent {
  readonly id: string;
  /** The rules that it met when it was told first. */
  readonly matched: readonly string[];
}

/** So long whoever took an occasion in hand may need; then the clock takes it. */
export const IN_HAND_MS = 5 * SECOND;

/** The clock runs at least so often, and knows then what is due before it runs again. */
const CLOCK_EVERY_MS = 5 * SECOND;

const isOf = (storefront: Storefront) => (rule: Rule) => rule.storefront === storefront.id;

/** Ordered by time, and within one call by place: a later event can take back an earlier one's text. */
function keyOf(now: number, index: number, random: Uint8Array): string {
  const bytes = Uint8Array.from([index >> 8, index & 255, ...random.subarray(2)]);
  return ulid(now, bytes);
}

function storedEvent(
  deps: TriggerDeps,
  storefront: Storefront,
  event: NewEvent,
  index: number,
): StoredEvent {
  const now = deps.clock.now();
  const key = keyOf(now, index, deps.randomBytes(10));
  return {
    ...event,
    key,
    id: event.id ?? `evt_${key}`,
    storefront: storefront.id,
    sandbox: deps.sandbox,
    matched: [],
    // What lies ahead has not happened: a clock elsewhere is fast.
    occurredAt: Math.min(event.occurredAt ?? now, now),
    createdAt: now,
  };
}

interface Judged extends Occasion {
  readonly verdict: "met" | "not-met" | "condition-error";
}

function judge(occasion: Occasion): Judged {
  const held = holds(occasion.rule.condition, occasion.facts);
  const verdict = held.ok ? (held.value ? "met" : "not-met") : held.error;
  return { ...occasion, verdict };
}

function outcomeOf(keys: TriggerDeps["keys"], judged: Judged, now: number): NewOutcome {
  const { event, rule, recipient, verdict } = judged;
  const indexed = "e164" in recipient ? keys.blindIndex(recipient.e164) : null;
  const made = { event: event.key, rule: rule.id, detail: null, recipient: indexed };
  if (verdict === "condition-error") {
    return { ...made, status: "refused", reason: verdict, dueAt: now };
  }
  const due = dueAt(judged);
  return due > now
    ? { ...made, status: "waiting", reason: "delay", dueAt: due }
    : { ...made, status: "sending", reason: null, dueAt: now + IN_HAND_MS };
}

/** Who placed or paid for an order is no lost customer. */
const ORDERS = ["order.created", "order.paid"];

function ordersIn(events: readonly StoredEvent[], storefront: Storefront): OrderOf[] {
  return events
    .filter((one) => ORDERS.includes(one.name) && !one.sandbox)
    .map((one) => ({
      contact: one.contact,
      to: numberOf(one, storefront),
      at: one.occurredAt,
    }))
    .filter((one) => one.contact !== null || one.to !== null);
}

function numberOf({ to, country }: StoredEvent, storefront: Storefront): string | null {
  const phone = to === null ? null : parsePhone(to, country ?? storefront.defaultCountry);
  return phone?.ok ? phone.value.e164 : null;
}

/** Whom an event is about: who wants to be forgotten is looked for by it. */
function numbersOf(
  { keys }: TriggerDeps,
  storefront: Storefront,
  event: StoredEvent,
  occasions: readonly Occasion[],
): readonly string[] {
  const found = occasions.flatMap(({ recipient }) => ("e164" in recipient ? recipient.e164 : []));
  const e164 = numberOf(event, storefront) ?? found[0];
  return e164 === undefined ? [] : keys.blindIndexes(e164);
}

/** Every name that the recipient's number has in the log, under each live key. */
const cancelsOf = (deps: TriggerDeps, { event, rule, recipient }: Occasion) =>
  "e164" in recipient
    ? deps.keys
        .blindIndexes(recipient.e164)
        .map((index) => ({ event: event.key, id: event.id, rule: rule.id, recipient: index }))
    : [];

/** Test keys teach nothing about what real customers like. */
function tellProducts(
  deps: TriggerDeps,
  storefront: Storefront,
  entries: readonly EventEntry[],
): void {
  if (deps.sandbox) return;
  const events = entries.map(({ event: { name, data, contact, occurredAt }, numbers }) => ({
    name,
    data,
    contact,
    at: occurredAt,
    toIndex: numbers[0] ?? null,
  }));
  if (events.length > 0) deps.noteProducts(storefront.id, events);
}

/** A delay shorter than the clock's own pace is kept only if the clock hears of it. */
async function tellClock(deps: TriggerDeps, entries: readonly EventEntry[]): Promise<void> {
  const soon = deps.clock.now() + CLOCK_EVERY_MS;
  const dues = entries
    .flatMap(({ outcomes }) => outcomes)
    .filter((one) => one.status === "waiting" && one.dueAt < soon)
    .map((one) => one.dueAt);
  if (dues.length === 0) return;
  await deps
    .wakeClock(Math.min(...dues))
    .catch((error: unknown) => deps.logError("clock-not-woken", error));
}

/**
 * Takes note of what happened, in order; each id has its effect once, however often it is told. All
 * that follows from it is durable before the answer; a crash in between leaves it to the clock.
 * With `only`, no other rule hears of it.
 */
export async function publishEvents(
  deps: TriggerDeps,
  storefront: Storefront,
  told: readonly NewEvent[],
  only?: Rule,
): Promise<PublishedEvent[]> {
  const events = told.map((event, index) => storedEvent(deps, storefront, event, index));
  const rules = only ? [only] : deps.rules.filter(isOf(storefront));
  const pairs = (hears: (rule: Rule, event: StoredEvent) => boolean) =>
    events.flatMap((event) =>
      rules.filter((rule) => hears(rule, event)).map((rule) => ({ event, rule })),
    );
  const heard = pairs((rule, { name }) => rule.enabled && rule.event === name);
  const ended = pairs((rule, { name }) => rule.cancelOn.includes(name));
  const prepared = await prepareOccasions(deps.contactsOf, storefront, [...heard, ...ended]);
  const judged = prepared.slice(0, heard.length).map(judge);
  const ending = prepared.slice(heard.length);

  const now = deps.clock.now();
  const judgedOf = Map.groupBy(judged, (one) => one.event);
  const endingOf = Map.groupBy(ending, (one) => one.event);
  const entries = events.map((event): EventEntry => {
    const own = judgedOf.get(event) ?? [];
    const met = own.filter((one) => one.verdict === "met");
    return {
      event: { ...event, matched: met.map((one) => one.rule.id) },
      numbers: numbersOf(deps, storefront, event, own),
      outcomes: own
        .filter((one) => one.verdict !== "not-met")
        .map((one) => outcomeOf(deps.keys, one, now)),
      cancels: (endingOf.get(event) ?? []).flatMap((one) => cancelsOf(deps, one)),
    };
  });
  const fresh = await deps.events.append(entries);
  const orders = ordersIn(events, storefront);
  if (orders.length > 0) await deps.reviewStages(storefront.id, orders);
  const due = judged.filter(
    (one) => one.verdict === "met" && fresh.has(one.event.key) && dueAt(one) <= now,
  );
  const news = entries.filter(({ event }) => fresh.has(event.key));
  tellProducts(deps, storefront, news);
  await tellClock(deps, news);
  await sendOccasions(deps, storefront, due).catch((error: unknown) =>
    deps.logError("event-left-to-the-clock", error),
  );

  const known = entries.filter(({ event }) => !fresh.has(event.key)).map(({ event }) => event.id);
  const earlier =
    known.length > 0
      ? await deps.events.matchedOf(storefront.id, deps.sandbox, known)
      : new Map<string, readonly string[]>();
  return entries.map(({ event: { id, matched } }) => ({ id, matched: earlier.get(id) ?? matched }));
}
