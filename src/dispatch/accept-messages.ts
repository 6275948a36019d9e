import { createHash } from "node:crypto";
import { ulid } from "../lib/id.ts";
import type { Keys } from "../lib/keys.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { type Clock, DAY } from "../lib/time.ts";
import { shardOf } from "../messages/log.ts";
import { type MessageStatus, sealedIn } from "../messages/message.ts";
import type { NewMessage } from "../messages/queued.ts";
import { URGENCY } from "../messages/queued.ts";
import { type PhoneRefusal, parsePhone } from "../phone/e164.ts";
import type { Account } from "../routing/account.ts";
import type { RouteContext, RouteRule } from "../routing/route.ts";
import { numberKey } from "../routing/route-context.ts";
import type { Sender } from "../senders/sender.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { type RefusedVariable, renderText } from "../templates/render-text.ts";
import { measureText } from "../templates/segments.ts";
import { pickVariant, type Template } from "../templates/template.ts";
import type { WakeUp } from "./drain.ts";
import { planRoute } from "./plan-route.ts";

/** A message that nobody could send for so long is no use any more. */
export const LONGEST_WAIT = 3 * DAY;

export interface Recipient {
  readonly to: unknown;
  readonly country?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly locale?: string | undefined;
  readonly reference?: string | undefined;
}

export interface AcceptMessages {
  readonly storefront: Storefront;
  /** The approved variants of one template. */
  readonly variants: readonly Template[];
  readonly recipients: readonly Recipient[];
  /** Not before then, in milliseconds; null is now. */
  readonly sendAt: number | null;
  readonly expiresInMs: number | null;
  readonly urgent: boolean;
  readonly campaign: string | null;
  /** Names the request when it carries an idempotency key. */
  readonly request: string | null;
}

export interface AcceptDeps {
  readonly keys: Keys;
  readonly clock: Clock;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly shards: number;
  readonly senders: readonly Sender[];
  readonly accounts: readonly Account[];
  readonly routes: readonly RouteRule[];
  readonly routeContext: (unfit: RouteContext["unfit"]) => RouteContext;
  /** Stores rows of one shard; returns the ids that rows of the same requests have. */
  readonly store: (
    shard: number,
    rows: readonly NewMessage[],
  ) => Promise<ReadonlyMap<string, string>>;
  readonly wake: (wakeUps: readonly WakeUp[]) => Promise<void>;
  readonly wakeAt: (at: number) => Promise<void>;
}

export type MessageRefusal =
  | PhoneRefusal
  | { readonly code: "variables"; readonly refused: readonly RefusedVariable[] };

export interface Accepted {
  readonly id: string;
  readonly status: MessageStatus;
  readonly row: NewMessage;
}

/** Of each recipient, in order: its message, or why there is none. */
export async function acceptMessages(
  deps: AcceptDeps,
  input: AcceptMessages,
): Promise<Result<Accepted, MessageRefusal>[]> {
  const now = deps.clock.now();
  const made = input.recipients.map((recipient, index) =>
    makeMessage(deps, input, recipient, index, now),
  );
  const rows = made.flatMap((one) => (one.ok ? one.value : []));
  const byShard = Map.groupBy(rows, (row) => shardOf(row.id, deps.shards));
  const known = await Promise.all([...byShard].map(([shard, own]) => deps.store(shard, own)));
  const earlier = new Map(known.flatMap((one) => [...one]));
  await wakeQueues(deps, rows, input.sendAt, now);
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
  sendAt: number | null,
  now: number,
): Promise<void> {
  if (sendAt !== null && sendAt > now) return deps.wakeAt(sendAt);
  const queues = new Set(rows.flatMap((row) => row.queue ?? []));
  if (queues.size > 0) await deps.wake([...queues].map((provider) => ({ provider })));
}

/** The same request, delivered twice, names the same message. */
function newId(deps: AcceptDeps, request: string | null, now: number): string {
  const random = request
    ? createHash("sha256").update(request).digest().subarray(0, 10)
    : deps.randomBytes(10);
  return `msg_${ulid(now, random)}`;
}

function makeMessage(
  deps: AcceptDeps,
  input: AcceptMessages,
  recipient: Recipient,
  index: number,
  now: number,
): Result<NewMessage, MessageRefusal> {
  const { keys } = deps;
  const { storefront, sendAt } = input;
  const parsed = parsePhone(recipient.to, recipient.country ?? storefront.defaultCountry);
  if (!parsed.ok) return parsed;
  const phone = parsed.value;
  const template = pickVariant(input.variants, recipient.locale, storefront.locale);
  const sender = template && deps.senders.find((one) => one.id === template.sender);
  if (!template || !sender || template.category === "otp") throw new Error("no template to send");
  const rendered = renderText(template, recipient.variables ?? {});
  if (!rendered.ok) return fail({ code: "variables", refused: rendered.error });

  const text = `【${sender.name}】${rendered.value.text}`;
  const { segments } = measureText(text, { mainland: phone.country === "CN" });
  const route = planRoute(
    {
      routes: deps.routes,
      accounts: deps.accounts,
      template,
      to: phone.e164,
      country: phone.country,
      numberKey: numberKey(keys, phone.e164),
      segments,
      length: text.length,
    },
    deps.routeContext,
  );
  const request = input.request && `${input.request} ${index}`;
  const id = newId(deps, request, now);
  const dueAt = Math.max(now, sendAt ?? now);
  const first = route.accounts[0];
  const waiting = dueAt > now ? "scheduled" : "queued";
  return ok({
    id,
    storefront: storefront.id,
    category: template.category,
    sender: sender.name,
    toSealed: keys.seal(phone.e164, sealedIn("to", id)),
    toIndex: keys.blindIndex(phone.e164),
    country: phone.country,
    template: template.id,
    templateVersion: template.version,
    locale: template.locale,
    textSealed: keys.seal(text, sealedIn("text", id)),
    variablesSealed: keys.seal(JSON.stringify(rendered.value.values), sealedIn("variables", id)),
    segments,
    status: first ? waiting : "suppressed",
    reason: first ? null : "no-route",
    urgency:
      input.urgent && template.category === "notification"
        ? URGENCY.urgent
        : URGENCY[template.category],
    queue: first?.provider.id ?? null,
    account: first?.id ?? null,
    route: route.accounts.map((account) => account.id),
    dueAt,
    expiresAt: dueAt + (input.expiresInMs ?? LONGEST_WAIT),
    reference: recipient.reference ?? null,
    campaign: input.campaign,
    request,
    createdAt: now,
    trace: [route.step],
  });
}
