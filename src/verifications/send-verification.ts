import type { Finding } from "../compliance/send-facts.ts";
import { type Flags, type StopReason, stopOf } from "../flags/flags.ts";
import type { Keys } from "../lib/keys.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { type Clock, SECOND } from "../lib/time.ts";
import type { Phone, PhoneRefusal } from "../phone/e164.ts";
import type { CapRefusal } from "../phone/windows.ts";
import type { Account } from "../routing/account.ts";
import { explainRoute } from "../routing/explain-route.ts";
import type { HealthBook } from "../routing/health.ts";
import type { RouteRule } from "../routing/route.ts";
import { sendingContext } from "../routing/route-context.ts";
import type { ScoreBook } from "../routing/scores.ts";
import type { Sender } from "../senders/sender.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { pickVariant, type Template } from "../templates/template.ts";
import { codeCandidates } from "./candidate.ts";
import { healthSignal } from "./deliver.ts";
import { readDestination, segmentsOf } from "./destination.ts";
import {
  type AbuseWays,
  type ChallengeAnswer,
  type Client,
  type GuardedSend,
  guardSend,
} from "./guard-send.ts";
import type { ChallengeView, PhoneNumberStub } from "./plan.ts";
import type { Purpose, VerificationSettings } from "./settings.ts";
import { tellRefusal } from "./tell-refusal.ts";
import { phoneObjectName } from "./verification-id.ts";

export interface SendVerification {
  readonly storefront: Storefront;
  readonly to: unknown;
  readonly country?: string | undefined;
  readonly purpose: Purpose;
  readonly locale?: string | undefined;
  /** Canonical JSON of what the code is bound to, or null. */
  readonly context: string | null;
  readonly client?: Client | undefined;
  readonly challenge?: ChallengeAnswer | undefined;
  /** Names the request when it carries an idempotency key. */
  readonly request: string | null;
}

export interface SendVerificationDeps {
  readonly keys: Keys;
  /** Whether a test key sends; `keys` are then the sandbox's. */
  readonly sandbox: boolean;
  readonly clock: Clock;
  readonly health: HealthBook;
  readonly scores: ScoreBook;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly phone: (objectName: string) => PhoneNumberStub;
  readonly abuse: AbuseWays;
  readonly settings: VerificationSettings;
  readonly senders: readonly Sender[];
  readonly templates: readonly Template[];
  readonly accounts: readonly Account[];
  readonly routes: readonly RouteRule[];
  readonly flags: Flags;
}

export type SendRefusal =
  | PhoneRefusal
  | { readonly code: "country-not-allowed"; readonly country: string }
  | { readonly code: "stopped"; readonly stop: StopReason }
  | { readonly code: "template-not-approved"; readonly template: string }
  | { readonly code: "no-route"; readonly country: string }
  | { readonly code: "capped"; readonly refusal: CapRefusal }
  | { readonly code: "abuse"; readonly finding: Finding }
  | { readonly code: "all-providers-refused" }
  | { readonly code: "number-refused" };

export type Sent = ChallengeView & { readonly phone: Phone };

/** Sends a code, or the same code again; who is refused by a rule is written down. */
export async function sendVerification(
  deps: SendVerificationDeps,
  input: SendVerification,
): Promise<Result<Sent, SendRefusal>> {
  const sent = await trySend(deps, input);
  if (!sent.ok && !deps.sandbox) tellRefusal(deps, input, sent.error);
  return sent;
}

/** One call of the number's object, which does the rest. */
async function trySend(
  deps: SendVerificationDeps,
  input: SendVerification,
): Promise<Result<Sent, SendRefusal>> {
  const { keys, settings } = deps;
  const rules = deps.abuse.rulesOf(input.storefront.id);
  const country = input.country ?? input.storefront.defaultCountry;
  const read = readDestination(rules, input.to, country);
  if (!read.ok) return read;
  const { type: numberType, ...phone } = read.value;
  const countryAllowed = settings.allowed_countries.includes(phone.country);
  if (!countryAllowed && rules.countries.mode === "enforce") {
    return fail({ code: "country-not-allowed", country: phone.country });
  }
  const text = { category: "otp", storefront: input.storefront.id } as const;
  const stop = deps.sandbox ? null : stopOf(deps.flags, text);
  if (stop) return fail({ code: "stopped", stop });
  const purpose = settings.purposes[input.purpose];
  const template = approvedVariant(deps.templates, input, purpose.template);
  const sender = template && deps.senders.find((one) => one.id === template.sender);
  if (!template || !sender) {
    return fail({ code: "template-not-approved", template: purpose.template });
  }
  const now = deps.clock.now();
  const objectName = phoneObjectName(keys, phone.e164);
  const { candidates, route } = codeCandidates(
    {
      accounts: deps.accounts,
      routes: deps.routes,
      template,
      to: phone.e164,
      country: phone.country,
      numberKey: objectName,
      code: { length: purpose.code_length, digitsOnly: purpose.alphabet === "digits" },
    },
    (unfit) => sendingContext(deps, now, unfit),
  );
  if (candidates.length === 0) return fail({ code: "no-route", country: phone.country });

  const segments = segmentsOf(
    { sender: sender.name, body: template.body, country: phone.country },
    purpose.code_length,
  );
  const cost = { price: candidates[0]?.terms ?? null, segments };
  const destination = { ...phone, countryAllowed, numberType, cost, objectName };
  const guarded = await guardSend(deps, guardedSend(input, destination));
  if (guarded.refusal && !guarded.knownMayPass) {
    return fail({ code: "abuse", finding: guarded.refusal });
  }
  const reply = await deps.phone(objectName).send({
    objectName,
    to: phone.e164,
    country: phone.country,
    storefront: input.storefront.id,
    purpose: input.purpose,
    locale: template.locale,
    template: template.id,
    body: template.body,
    sender: sender.name,
    alphabet: purpose.alphabet,
    codeLength: purpose.code_length,
    ttlMs: purpose.ttl_seconds * SECOND,
    maxAttempts: purpose.max_attempts,
    resendAfterMs: settings.resend_after_seconds * SECOND,
    caps: { perHour: settings.caps.per_hour, perDay: settings.caps.per_day },
    context: input.context,
    rules: { number: guarded.rules.number, delay: guarded.rules.delay },
    observed: guarded.trace,
    onlyIfKnown: guarded.refusal !== null,
    askedFrom: guarded.asker.address,
    askedNetwork: guarded.asker.network,
    candidates,
    route: explainRoute(route),
    request: input.request,
    sandbox: deps.sandbox,
  });
  guarded.settle(reply, candidates);
  const ended = deps.clock.now();
  for (const attempt of reply.attempts) {
    deps.health.note(attempt.account, healthSignal(attempt), ended);
  }
  switch (reply.kind) {
    case "sent":
      return ok({ ...reply.view, phone });
    case "capped":
      return fail({ code: "capped", refusal: reply.refusal });
    case "guarded":
      return fail({ code: "abuse", finding: reply.finding });
    case "stranger":
      // Only a send that the guard refused asks whether the number is known.
      if (!guarded.refusal) throw new Error("a number was refused as a stranger for no reason");
      return fail({ code: "abuse", finding: guarded.refusal });
    case "refused":
      return fail({ code: "all-providers-refused" });
    case "bad-number":
      return fail({ code: "number-refused" });
  }
}

type Destination = Phone &
  Pick<GuardedSend, "countryAllowed" | "numberType" | "cost" | "objectName">;

const guardedSend = (
  { storefront, purpose, client, challenge }: SendVerification,
  { e164: to, ...destination }: Destination,
): GuardedSend => ({ ...destination, storefront, to, purpose, client, challenge });

function approvedVariant(
  templates: readonly Template[],
  input: SendVerification,
  named: string,
): Template | undefined {
  const variants = templates.filter(
    (one) =>
      one.storefront === input.storefront.id &&
      (one.name === named || one.id === named) &&
      one.category === "otp",
  );
  return pickVariant(variants, input.locale, input.storefront.locale);
}
