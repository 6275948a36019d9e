import type { OrderOf } from "../contacts/store.ts";
import {
  type AcceptDeps,
  type Accepted,
  acceptMessages,
  type MessageRefusal,
} from "../dispatch/accept-messages.ts";
import type { Keys } from "../lib/keys.ts";
import type { Result } from "../lib/result.ts";
import { type Clock, HOUR, SECOND } from "../lib/time.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { fallbacksOf } from "../templates/fallback.ts";
import { type Template, variablesOf } from "../templates/template.ts";
import type { Outcome, OutcomeReason, OutcomeStatus } from "./event.ts";
import type { EventLog } from "./event-log.ts";
import type { ContactsOf, Occasion } from "./occasion.ts";
import { type Rule, readVariables } from "./rule.ts";

/** An event as those see it who learn from what customers look at and buy. */
export interface ProductEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: number;
  /** Of the number that it is about. */
  readonly toIndex: string | null;
  /** A `ctc_` id. */
  readonly contact: string | null;
}

export interface TriggerDeps {
  readonly keys: Keys;
  readonly clock: Clock;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Whether it all happens in the world of test keys. */
  readonly sandbox: boolean;
  readonly rules: readonly Rule[];
  readonly templates: readonly Template[];
  readonly accepting: AcceptDeps;
  readonly events: EventLog;
  readonly contactsOf: ContactsOf;
  /** Lets the clock run at that time, which may be before it would by itself. */
  readonly wakeClock: (at: number) => Promise<void>;
  /** Looks anew at the stage of life of those who ordered; whoever misses it is seen within a day. */
  readonly reviewStages: (storefront: string, orders: readonly OrderOf[]) => Promise<void>;
  /** Learns behind the answer from events that are told for the first time. */
  readonly noteProducts: (storefront: string, events: readonly ProductEvent[]) => void;
  readonly logError: (event: string, error: unknown) => void;
}

/** A review may still be under way: how often it is looked at, and for how long. */
const LOOK_AGAIN_MS = 5 * SECOND;
const LOOK_FOR_MS = HOUR;

type When = Pick<Occasion, "event" | "rule">;

/** When a text is due by its rule: from here on it may expire, however late we were told. */
const plannedAt = ({ event, rule }: When): number => event.occurredAt + rule.delaySeconds * SECOND;

export const dueAt = (when: When): number => Math.max(when.event.createdAt, plannedAt(when));

/** The approved variants of a rule's template that it may send. */
export const variantsOf = (rule: Rule, templates: readonly Template[]): readonly Template[] =>
  templates.filter(
    (one) =>
      one.storefront === rule.storefront &&
      (one.id === rule.template || one.name === rule.template) &&
      one.category !== "otp" &&
      (rule.category === null || one.category === rule.category),
  );

const end = (
  { event, rule }: Occasion,
  status: OutcomeStatus,
  reason: OutcomeReason | null,
  more: Partial<Outcome> = {},
): Outcome => ({
  event: event.key,
  rule: rule.id,
  status,
  reason,
  detail: null,
  message: null,
  dueAt: event.createdAt,
  ...more,
});

const accepted = (occasion: Occasion, message: string): Outcome =>
  end(occasion, "accepted", null, { message });

function refused(occasion: Occasion, refusal: MessageRefusal): Outcome {
  if (refusal.code === "phone-invalid") return end(occasion, "refused", "phone-invalid");
  const detail = refusal.refused.map((one) => one.name).join(", ");
  return end(occasion, "refused", "variables", { detail });
}

const expiresInMs = (occasion: Occasion, now: number): number | null =>
  occasion.rule.expiresIn === null
    ? null
    : plannedAt(occasion) + occasion.rule.expiresIn * SECOND - now;

/** Why an occasion can't become a message now, as its outcome; null: it can. */
function hindrance(deps: TriggerDeps, occasion: Occasion, now: number): Outcome | null {
  const { rule, recipient } = occasion;
  const left = expiresInMs(occasion, now);
  if (!rule.enabled) return end(occasion, "refused", "rule-off");
  if (left !== null && left <= 0) return end(occasion, "refused", "expired");
  if ("missing" in recipient) return end(occasion, "refused", recipient.missing);
  if (variantsOf(rule, deps.templates).length > 0) return null;
  return now < dueAt(occasion) + LOOK_FOR_MS
    ? end(occasion, "waiting", "template-not-approved", { dueAt: now + LOOK_AGAIN_MS })
    : end(occasion, "refused", "template-missing");
}

/** The messages of one rule's occasions, which all expire at the same time. */
function acceptOccasions(
  deps: TriggerDeps,
  storefront: Storefront,
  [first, ...more]: readonly [Occasion, ...Occasion[]],
  now: number,
): Promise<Result<Accepted, MessageRefusal>[]> {
  const { rule } = first;
  const variants = variantsOf(rule, deps.templates);
  const fallbacks = variants.flatMap((one) => fallbacksOf(one, deps.templates));
  const bodies = [...variants, ...fallbacks].map(({ body }) => body);
  const names = [...new Set(bodies.flatMap(variablesOf))];
  return acceptMessages(deps.accepting, {
    storefront,
    variants,
    sendAt: null,
    expiresInMs: expiresInMs(first, now),
    urgent: false,
    campaign: null,
    request: null,
    recipients: [first, ...more].map(({ event, facts, recipient, locale }) => ({
      to: "e164" in recipient ? recipient.e164 : null,
      variables: readVariables(rule, names, facts),
      locale,
      reference: event.id,
      request: `event ${event.key} ${rule.id}`,
    })),
  });
}

/**
 * Makes a message of each occasion, and notes how it ended. Safe to run twice: event and rule name
 * the message. All occasions are of one storefront.
 */
export async function sendOccasions(
  deps: TriggerDeps,
  storefront: Storefront,
  occasions: readonly Occasion[],
): Promise<void> {
  const now = deps.clock.now();
  const outcomes: Outcome[] = [];
  const sendable = occasions.filter((occasion) => {
    const stopped = hindrance(deps, occasion, now);
    if (stopped) outcomes.push(stopped);
    return !stopped;
  });
  const alike = ({ event, rule }: Occasion) =>
    rule.expiresIn === null ? rule.id : `${rule.id} ${plannedAt({ event, rule })}`;
  for (const own of Map.groupBy(sendable, alike).values()) {
    const [first, ...more] = own;
    if (!first) continue;
    const made = await acceptOccasions(deps, storefront, [first, ...more], now);
    for (const [index, occasion] of own.entries()) {
      const one = made[index];
      if (!one) throw new Error("an occasion was lost");
      outcomes.push(one.ok ? accepted(occasion, one.value.id) : refused(occasion, one.error));
    }
  }
  await deps.events.settle(outcomes);
}
