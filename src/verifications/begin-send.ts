import { observedStep } from "../compliance/watch.ts";
import { ulid } from "../lib/id.ts";
import { type Keys, sandboxKeys } from "../lib/keys.ts";
import { maskCode } from "../lib/redact.ts";
import { type Attempt, type MessageRecord, sealedIn, type TraceStep } from "../messages/message.ts";
import { type Challenge, cooldownRefusal, statusAt, wiped } from "../phone/challenge.ts";
import { drawCode } from "../phone/code.ts";
import type { PhoneStorage, SendRow } from "../phone/storage.ts";
import { type CapRefusal, capRefusal, guessRefusal } from "../phone/windows.ts";
import { render } from "../templates/template.ts";
import { type Candidate, orderCandidates } from "./candidate.ts";
import { openAttempt } from "./deliver.ts";
import { judgeNumber } from "./number-rules.ts";
import { type SendPlan, type SendReply, viewOf } from "./plan.ts";
import { verificationId } from "./verification-id.ts";

export interface BeginSendDeps {
  readonly storage: PhoneStorage;
  readonly keys: Keys;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** A text that is reserved and whose first attempt is open. */
export interface Begun {
  readonly kind: "begun";
  readonly row: SendRow;
  readonly record: MessageRecord;
  readonly candidates: readonly Candidate[];
  readonly code: string;
  readonly expiresAt: number;
  /** When the next resend was allowed before this one; null when this one made the challenge. */
  readonly resendAtBefore: number | null;
}

export const sealedCode = (id: string): string => `challenge|code|${id}`;

/** What a code or context is hashed with: it proves nothing for another verification. */
export const boundTo = (id: string, text: string): string => `${id}\n${text}`;

const sameContext = (keys: Keys, challenge: Challenge, context: string | null): boolean =>
  challenge.contextMac === null || context === null
    ? challenge.contextMac === context
    : keys.macMatches(challenge.contextMac, "context", boundTo(challenge.id, context));

function newChallenge(deps: BeginSendDeps, plan: SendPlan, code: string, now: number): Challenge {
  const { keys } = deps;
  const signing = plan.sandbox ? sandboxKeys(keys) : keys;
  const id = verificationId(signing, ulid(now, deps.randomBytes(10)), plan.objectName);
  return {
    id,
    storefront: plan.storefront,
    purpose: plan.purpose,
    channel: "sms",
    locale: plan.locale,
    state: "pending",
    alphabet: plan.alphabet,
    codeMac: keys.mac("code", boundTo(id, code)),
    codeSealed: keys.seal(code, sealedCode(id)),
    contextMac: plan.context === null ? null : keys.mac("context", boundTo(id, plan.context)),
    maxAttempts: plan.maxAttempts,
    wrong: 0,
    sends: 1,
    createdAt: now,
    expiresAt: now + plan.ttlMs,
    resendAt: now + plan.resendAfterMs,
    approvedBy: null,
    askedFrom: plan.askedFrom,
    askedNetwork: plan.askedNetwork,
  };
}

function newRecord(
  deps: BeginSendDeps,
  plan: SendPlan,
  challenge: Challenge,
  facts: {
    id: string;
    code: string;
    attempt: Attempt;
    candidates: readonly Candidate[];
    observed: readonly TraceStep[];
  },
  now: number,
): MessageRecord {
  const { keys } = deps;
  const order = facts.candidates.map((one) => one.provider).join(", ");
  return {
    id: facts.id,
    storefront: plan.storefront,
    verification: challenge.id,
    category: "otp",
    channel: "sms",
    purpose: plan.purpose,
    sender: plan.sender,
    toSealed: keys.seal(plan.to, sealedIn("to", facts.id)),
    toIndex: keys.blindIndex(plan.to),
    country: plan.country,
    template: plan.template,
    locale: plan.locale,
    textSealed: keys.seal(
      `【${plan.sender}】${render(plan.body, { code: maskCode(facts.code) })}`,
      sealedIn("text", facts.id),
    ),
    status: "sending",
    reason: null,
    provider: facts.attempt.provider,
    account: facts.attempt.account,
    providerMessageId: null,
    segments: null,
    errorCode: null,
    providerResponse: null,
    reference: null,
    createdAt: now,
    sentAt: null,
    attempts: [facts.attempt],
    trace: [
      ...facts.observed,
      {
        step: "caps",
        verdict: "allowed",
        en: `Text ${challenge.sends} of this verification; the number is within its caps.`,
        zh: `本次验证的第 ${challenge.sends} 条短信，号码未超出频次上限。`,
      },
      {
        step: "route",
        verdict: facts.attempt.provider,
        en: `${plan.route.en} Tried in this order: ${order}.`,
        zh: `${plan.route.zh}尝试顺序：${order}。`,
      },
    ],
  };
}

/**
 * Decides whether a code may be sent and, if so, reserves it: challenge, count and open attempt,
 * one commit. Nothing here waits, so that 500 requests at once still make one text.
 */
export function beginSend(deps: BeginSendDeps, plan: SendPlan, now: number): Begun | SendReply {
  const { storage, keys } = deps;
  const capped = (refusal: CapRefusal): SendReply => ({ kind: "capped", refusal, attempts: [] });

  const earlier = plan.request ? storage.sendOfRequest(plan.request) : null;
  const made = earlier?.counted ? storage.challenge(earlier.challenge) : null;
  if (made) return { kind: "sent", view: viewOf(made, now), message: null, attempts: [] };
  if (plan.onlyIfKnown && !storage.isKnown(now)) return { kind: "stranger", attempts: [] };

  const guesses = guessRefusal(storage.wrongAt(plan.purpose, now), now);
  if (guesses) return capped(guesses);
  const latest = storage.latestChallenge(plan.storefront, plan.purpose);
  const cooldown = latest && cooldownRefusal(latest.resendAt, now);
  if (cooldown) return capped(cooldown);
  const sentAt = storage.sentAt(now);
  const cap = capRefusal(sentAt, plan.caps, now);
  if (cap) return capped(cap);
  const { storefront, purpose } = plan;
  const errands = () => storage.errands(now);
  const judged = judgeNumber(plan.rules, { storefront, purpose, sentAt, errands }, now);
  if (judged.refusal) return { kind: "guarded", finding: judged.refusal, attempts: [] };

  const pending = latest && statusAt(latest, now) === "pending" ? latest : null;
  const same = pending && sameContext(keys, pending, plan.context) ? pending : null;
  const candidates = orderCandidates(plan.candidates, same && lastProvider(storage, same.id));
  const first = candidates[0];
  if (!first) return { kind: "refused", attempts: [] };

  const code = same?.codeSealed
    ? keys.unseal(same.codeSealed, sealedCode(same.id))
    : drawCode(plan.alphabet, plan.codeLength, deps.randomBytes);
  const challenge = same
    ? { ...same, sends: same.sends + 1, resendAt: now + plan.resendAfterMs }
    : newChallenge(deps, plan, code, now);
  const id = `msg_${ulid(now, deps.randomBytes(10))}`;
  const attempt = openAttempt(first, now);
  const observed = [...plan.observed, ...judged.observed.map(observedStep)];
  const facts = { id, code, attempt, candidates, observed };
  const record = newRecord(deps, plan, challenge, facts, now);
  const row: SendRow = {
    id,
    challenge: challenge.id,
    at: now,
    counted: true,
    open: true,
    logged: false,
    request: plan.request,
    record: JSON.stringify(record),
  };
  if (pending && !same) storage.saveChallenge(wiped(pending, "canceled"));
  storage.saveChallenge(challenge);
  storage.saveSend(row);
  const { expiresAt } = challenge;
  const resendAtBefore = same?.resendAt ?? null;
  return { kind: "begun", row, record, candidates, code, expiresAt, resendAtBefore };
}

function lastProvider(storage: PhoneStorage, challenge: string): string | null {
  const last = storage.sendsOf(challenge).at(-1);
  return last ? (JSON.parse(last.record) as MessageRecord).provider : null;
}
