import { createHash } from "node:crypto";
import { type ContentRules, contentStep } from "../compliance/screening/check-content.ts";
import { worstOf } from "../compliance/screening/finding.ts";
import { ulid } from "../lib/id.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { mapInSlices } from "../lib/slices.ts";
import { type Clock, DAY } from "../lib/time.ts";
import { shardOf } from "../messages/log.ts";
import { type MessageStatus, sealedIn, type TraceStep } from "../messages/message.ts";
import { IN_REVIEW, type NewMessage, URGENCY } from "../messages/queued.ts";
import { type Phone, type PhoneRefusal, parsePhone } from "../phone/e164.ts";
import type { Price } from "../providers/provider.ts";
import { costOf } from "../routing/prices.ts";
import { numberKey } from "../routing/route-context.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { templatesToTry, variablesOfAll } from "../templates/fallback.ts";
import type { RefusedVariable } from "../templates/render-text.ts";
import { type Channel, pickVariant, type Template } from "../templates/template.ts";
import { type ComposeDeps, composeText } from "./compose-text.ts";
import type { WakeUp } from "./drain.ts";
import {
  type PersonalizeDeps,
  type Personalized,
  personalize,
  type TextDraft,
} from "./personalize.ts";

/** Texts that are read or written at a stretch: a few milliseconds of work. */
const AT_A_STRETCH = { read: 100, write: 25 } as const;
/** A message that nobody could send for so long is no use any more. */
export const LONGEST_WAIT = 3 * DAY;

export interface Recipient {
  readonly to: unknown;
  readonly country?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly locale?: string | undefined;
  readonly reference?: string | undefined;
  /** Names what it is for, where that is not the request and its place there. */
  readonly request?: string | undefined;
  /** Its own time, where that is not the request's. */
  readonly sendAt?: number | undefined;
  /** What is known of the owner, where that need not be asked for. */
  readonly owner?: Whereabouts | undefined;
}

/** The text of a campaign that all recipients of a request get. */
export interface CampaignText {
  readonly campaign: string;
  /** Which time of it, by when it was planned. */
  readonly run: number;
  readonly variant: string;
  /** From then on nothing of it may leave. */
  readonly expiresAt: number | null;
  /** Asked of each text in turn, with what it costs, where that is known: why it must not leave. */
  readonly keepBack: (
    cost: Price | null,
  ) => { readonly reason: string; readonly step: TraceStep } | null;
}

export interface AcceptMessages {
  readonly storefront: Storefront;
  /** The approved variants of one template. */
  readonly variants: readonly Template[];
  /** By which channels it may go, the first that can carry it; null: as the template says. */
  readonly channels?: readonly Channel[] | null;
  readonly recipients: readonly Recipient[];
  /** Not before then, in milliseconds; null is now. */
  readonly sendAt: number | null;
  readonly expiresInMs: number | null;
  readonly urgent: boolean;
  readonly campaign: CampaignText | null;
  /** Names the request when it carries an idempotency key. */
  readonly request: string | null;
}

/** What a number's owner is reached by. */
export interface Whereabouts {
  /** IANA zones in which he may be. */
  readonly zones: readonly string[];
  readonly locale: string | null;
}

export interface AcceptDeps extends PersonalizeDeps, ComposeDeps {
  readonly clock: Clock;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly shards: number;
  /** All that are approved: a template may name another that stands in for it. */
  readonly templates: readonly Template[];
  /** What is known of the owners of these numbers, by E.164. */
  readonly people: (
    storefront: Storefront,
    phones: readonly Phone[],
  ) => Promise<ReadonlyMap<string, Whereabouts>>;
  readonly contentRulesOf: (storefront: string) => Promise<ContentRules>;
  /** Stores rows of one shard; returns the ids that rows of the same requests have. */
  readonly store: (
    shard: number,
    rows: readonly NewMessage[],
  ) => Promise<ReadonlyMap<string, string>>;
  readonly wake: (wakeUps: readonly WakeUp[]) => Promise<void>;
  readonly wakeAt: (at: number) => Promise<void>;
  /** Lets in, between two stretches of work, what has no time to wait. */
  readonly pause: () => Promise<void>;
}

export type MessageRefusal =
  | PhoneRefusal
  | { readonly code: "variables"; readonly refused: readonly RefusedVariable[] };

export interface Accepted {
  readonly id: string;
  readonly status: MessageStatus;
  readonly row: NewMessage;
}

const NOBODY: Whereabouts = { zones: [], locale: null };

/** Of each recipient, in order: its message, or why there is none. */
export async function acceptMessages(
  deps: AcceptDeps,
  input: AcceptMessages,
): Promise<Result<Accepted, MessageRefusal>[]> {
  const now = deps.clock.now();
  const phones = await mapInSlices(
    input.recipients,
    AT_A_STRETCH.read,
    ({ to, country }) => parsePhone(to, country ?? input.storefront.defaultCountry),
    deps.pause,
  );
  const people = await deps.people(
    input.storefront,
    phones.flatMap((one, index) => (one.ok && !input.recipients[index]?.owner ? one.value : [])),
  );
  const content = await deps.contentRulesOf(input.storefront.id);
  const planned = await mapInSlices(
    input.recipients,
    AT_A_STRETCH.read,
    (recipient, index) => {
      const phone = phones[index];
      if (!phone) throw new Error("a recipient was lost");
      if (!phone.ok) return phone;
      const owner = recipient.owner ?? people.get(phone.value.e164) ?? NOBODY;
      return ok(planText(deps, input, { recipient, phone: phone.value, owner, index }, now));
    },
    deps.pause,
  );
  const drafts = planned.flatMap((one) => (one.ok ? one.value : []));
  const personal = (await personalize(deps, input.storefront, drafts)).values();
  const made = await mapInSlices(
    planned,
    AT_A_STRETCH.write,
    (one) => {
      if (!one.ok) return one;
      const { value } = personal.next();
      if (!value) throw new Error("a text was lost");
      return makeMessage(deps, input, one.value, { ...value, content }, now);
    },
    deps.pause,
  );
  const rows = made.flatMap((one) => (one.ok ? one.value : []));
  const byShard = Map.groupBy(rows, (row) => shardOf(row.id, deps.shards));
  const known = await Promise.all(
    [...byShard].map(async ([shard, own]) => {
      if (own.length > AT_A_STRETCH.write) await deps.pause();
      return deps.store(shard, own);
    }),
  );
  const earlier = new Map(known.flatMap((one) => [...one]));
  await wakeQueues(deps, rows, now);
  return made.map((one) => {
    if (!one.ok) return one;
    const row = one.value;
    const id = (row.request && earlier.get(row.request)) ?? row.id;
    return ok({ id, status: row.status, row });
  });
}

async function wakeQueues(
  deps: AcceptDeps,
  rows: readonly NewMessage[],
  now: number,
): Promise<void> {
  const due = new Map<string, WakeUp>();
  for (const { queue, dueAt, category } of rows) {
    if (queue === null || dueAt > now) continue;
    const isUrgent = category === "notification" || due.get(queue)?.isUrgent === true;
    due.set(queue, { provider: queue, isUrgent });
  }
  if (due.size > 0) await deps.wake([...due.values()]);
  const soonest = Math.min(...rows.filter((row) => row.dueAt > now).map((row) => row.dueAt));
  if (soonest < Number.POSITIVE_INFINITY) await deps.wakeAt(soonest);
}

/**
 * The same request, delivered twice, names the same message. The last character is the number's:
 * all texts to it lie in one database, and leave in the order in which they came.
 */
function newId(deps: AcceptDeps, request: string | null, e164: string, now: number): string {
  const random = request
    ? createHash("sha256").update(request).digest().subarray(0, 10)
    : deps.randomBytes(10);
  return `msg_${ulid(now, random).slice(0, -1)}${numberKey(deps.keys, e164).slice(-1)}`;
}

interface PlannedText extends TextDraft {
  /** In the order in which they are tried. */
  readonly templates: readonly Template[];
  readonly recipient: Recipient;
  readonly phone: Phone;
  readonly owner: Whereabouts;
  readonly request: string | null;
}

function planText(
  deps: AcceptDeps,
  input: AcceptMessages,
  one: {
    readonly recipient: Recipient;
    readonly phone: Phone;
    readonly owner: Whereabouts;
    readonly index: number;
  },
  now: number,
): PlannedText {
  const { recipient, phone, owner, index } = one;
  const locale = recipient.locale ?? owner.locale ?? undefined;
  const variant = pickVariant(input.variants, locale, input.storefront.locale);
  const templates = variant
    ? templatesToTry(variant, {
        templates: deps.templates,
        channels: input.channels ?? null,
        locale,
        storefrontLocale: input.storefront.locale,
      })
    : [];
  const [template, ...others] = templates;
  if (!template) throw new Error("no template to send");
  const request = recipient.request ?? (input.request && `${input.request} ${index}`);
  return {
    recipient,
    phone,
    owner,
    templates,
    // Whichever of them goes out, its values are at hand.
    template: others.length > 0 ? { ...template, variables: variablesOfAll(templates) } : template,
    request,
    id: newId(deps, request, phone.e164, now),
    e164: phone.e164,
    toIndex: deps.keys.blindIndex(phone.e164),
    campaign: input.campaign,
    plannedAt: Math.max(now, recipient.sendAt ?? input.sendAt ?? now),
    variables: recipient.variables ?? {},
  };
}

function makeMessage(
  deps: AcceptDeps,
  input: AcceptMessages,
  planned: PlannedText,
  said: Personalized & { readonly content: ContentRules },
  now: number,
): Result<NewMessage, MessageRefusal> {
  const { id, request, recipient, phone, owner, templates, plannedAt, toIndex } = planned;
  const { keys } = deps;
  const { storefront, campaign } = input;
  const composed = composeText(deps, { templates, phone, said });
  if (!composed.ok) return fail({ code: "variables", refused: composed.error });
  const { template, category, text, segments, found } = composed.value;
  const judgment = worstOf(found);
  const expiresAt = Math.min(
    plannedAt + (input.expiresInMs ?? LONGEST_WAIT),
    campaign?.expiresAt ?? Number.POSITIVE_INFINITY,
  );
  const carrier = judgment === "refuse" ? undefined : composed.value.accounts[0];
  const kept =
    carrier && campaign ? campaign.keepBack(costOf(carrier, phone.country, segments)) : null;
  const accounts = judgment === "refuse" || kept ? [] : composed.value.accounts;
  const first = accounts[0];
  const isHeld = first !== undefined && judgment === "hold";
  const waiting = isHeld || plannedAt > now ? "scheduled" : "queued";
  const unsent = kept?.reason ?? (judgment === "refuse" ? "content-rejected" : "no-route");
  return ok({
    id,
    storefront: storefront.id,
    category,
    channel: template.channel,
    sender: composed.value.sender,
    toSealed: keys.seal(phone.e164, sealedIn("to", id)),
    toIndex,
    country: phone.country,
    zones: owner.zones.length > 0 ? owner.zones : [storefront.timezone],
    template: template.id,
    templateVersion: template.version,
    locale: template.locale,
    textSealed: keys.seal(text, sealedIn("text", id)),
    variablesSealed: keys.seal(
      JSON.stringify({ ...composed.value.values, ...said.codes }),
      sealedIn("variables", id),
    ),
    segments,
    status: first ? waiting : "suppressed",
    reason: first ? (isHeld ? IN_REVIEW : null) : unsent,
    urgency: input.urgent && category === "notification" ? URGENCY.urgent : URGENCY[category],
    queue: first?.provider.id ?? null,
    account: first?.id ?? null,
    route: accounts.map((account) => account.id),
    // One that nobody releases has its turn when its time is over, and ends there.
    dueAt: isHeld ? expiresAt : Math.min(plannedAt, expiresAt),
    plannedAt: isHeld ? plannedAt : null,
    expiresAt,
    reference: recipient.reference ?? null,
    campaign: campaign?.campaign ?? null,
    run: campaign?.run ?? null,
    variant: campaign?.variant ?? null,
    request,
    createdAt: now,
    trace: [contentStep(found) ?? [], composed.value.steps, kept?.step ?? []].flat(),
  });
}
