import { ulid } from "../lib/id.ts";
import { DAY } from "../lib/time.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { StoredEvent } from "./event.ts";
import type { EventLog } from "./event-log.ts";
import { prepareOccasions } from "./occasion.ts";
import { IN_HAND_MS } from "./publish-events.ts";
import type { Rule } from "./rule.ts";
import { sendOccasions, type TriggerDeps } from "./send-occasions.ts";

const MOST_AT_ONCE = 200;
/** An id has its effect once for so long. */
const KEPT_FOR = 90 * DAY;
const FORGOTTEN_AT_ONCE = 500;

interface Due {
  readonly event: StoredEvent;
  readonly rule: string;
}

/** The world of live or of test keys, with the configuration of this moment. */
export interface TriggerWorld extends TriggerDeps {
  readonly storefronts: readonly Storefront[];
}

/** Sends what is due by now: delays that are over, and what a crash left. */
export async function runDue(
  events: EventLog,
  open: (sandbox: boolean) => Promise<TriggerWorld>,
  now: number,
): Promise<void> {
  const due = await events.take(now, now + 6 * IN_HAND_MS, MOST_AT_ONCE);
  const worldOf = ({ event }: Due) => `${event.sandbox} ${event.storefront}`;
  for (const own of Map.groupBy(due, worldOf).values()) {
    const [first] = own;
    if (first) await runInWorld(await open(first.event.sandbox), own, now);
  }
}

async function runInWorld(world: TriggerWorld, due: readonly Due[], now: number): Promise<void> {
  const storefront = world.storefronts.find((one) => one.id === due[0]?.event.storefront);
  const rules = new Map(world.rules.map((rule) => [rule.id, rule]));
  const found: { readonly event: StoredEvent; readonly rule: Rule }[] = [];
  const gone: Due[] = [];
  for (const one of due) {
    const rule = rules.get(one.rule);
    if (rule) found.push({ event: one.event, rule });
    else gone.push(one);
  }
  await world.events.settle(
    (storefront ? gone : due).map(({ event, rule }) => ({
      event: event.key,
      rule,
      status: "refused",
      reason: "rule-off",
      detail: null,
      message: null,
      dueAt: now,
    })),
  );
  if (!storefront || found.length === 0) return;
  await sendOccasions(
    world,
    storefront,
    await prepareOccasions(world.contactsOf, storefront, found),
  );
}

/** Deletes what is older than an id is remembered, a part at a time; nothing of numbers that are held. */
export const forgetOldEvents = (
  events: EventLog,
  now: number,
  held: readonly string[],
): Promise<boolean> =>
  events.forget(ulid(now - KEPT_FOR, new Uint8Array(10)), FORGOTTEN_AT_ONCE, held);
