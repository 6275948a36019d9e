import { countedAs } from "../access/address.ts";
import type { GuardNote } from "../compliance/abuse-guard.ts";
import type { Proof, ProofFault } from "../compliance/proof.ts";
import { readWork } from "../compliance/proof-of-work.ts";
import type { Refusal } from "../compliance/refusals/refusal.ts";
import type { RiskLevel } from "../compliance/risk.ts";
import { type AbuseRules, noAbuseRules, type RuleName } from "../compliance/rules.ts";
import {
  type Ask,
  concerned,
  type Finding,
  type GuardAnswer,
  type SendFacts,
  subjectOf,
} from "../compliance/send-facts.ts";
import type { TextCost } from "../compliance/spend.ts";
import { actionOf, cdataOf, type TurnstileAbout } from "../compliance/turnstile.ts";
import { observedStep } from "../compliance/watch.ts";
import type { Keys } from "../lib/keys.ts";
import type { Result } from "../lib/result.ts";
import type { TraceStep } from "../messages/message.ts";
import type { NumberType } from "../phone/e164.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { Candidate } from "./candidate.ts";
import type { SendReply } from "./plan.ts";

/** The storefront's customer, as far as the storefront says. */
export interface Client {
  readonly ip?: string | undefined;
  readonly asn?: number | undefined;
  readonly device_id?: string | undefined;
}

export interface ChallengeAnswer {
  readonly type: "pow" | "turnstile";
  readonly token: string;
}

/** The ways to the guards. */
export interface AbuseWays {
  readonly rulesOf: (storefront: string) => AbuseRules;
  readonly admit: (storefront: string, ask: Ask) => Promise<GuardAnswer>;
  readonly risk: (storefront: string, ask: Ask) => Promise<RiskLevel>;
  /** Goes on behind the answer. */
  readonly note: (storefront: string, note: GuardNote) => void;
  /** Writes down behind the answer who was refused what. */
  readonly refused: (storefront: string, refusal: Refusal) => void;
  readonly standing: (storefront: string, rule: RuleName, subject: string) => TraceStep | null;
  readonly readTurnstile: (
    token: string,
    about: TurnstileAbout,
  ) => Promise<Result<Proof, ProofFault>>;
}

export interface GuardSendDeps {
  readonly keys: Keys;
  readonly sandbox: boolean;
  readonly clock: { now(): number };
  readonly abuse: AbuseWays;
}

export interface GuardedSend {
  readonly storefront: Storefront;
  /** E.164. */
  readonly to: string;
  readonly country: string;
  readonly countryAllowed: boolean;
  readonly numberType: NumberType;
  readonly cost: TextCost;
  readonly purpose: string;
  readonly objectName: string;
  readonly client: Client | undefined;
  readonly challenge: ChallengeAnswer | undefined;
}

/** What the guard thinks of a send before its number is asked. */
export interface Guarded {
  readonly rules: AbuseRules;
  /** Who asks, as keyed hashes. */
  readonly asker: Asker;
  readonly refusal: Finding | null;
  /** The refusal does not concern a number that was approved before. */
  readonly knownMayPass: boolean;
  readonly trace: readonly TraceStep[];
  /** Tells the guard what became of it, and what that cost by each candidate that may have sent it. */
  readonly settle: (reply: SendReply, candidates: readonly Candidate[]) => void;
}

export type Asker = Pick<SendFacts, "address" | "device" | "network">;

const LINE = 4;
const TAG = 16;

/** What stands for a number at the guard, and the prefix that it belongs to. */
export const subjectsOf = (objectName: string, to: string) => ({
  number: objectName.slice(0, TAG),
  prefix: to.slice(0, -LINE),
});

const tagOf = (keys: Keys, kind: string, value: string | null | undefined): string | null =>
  value ? keys.identify(`abuse ${kind}`, value).slice(0, TAG) : null;

/** What stands for whoever asks. */
export const askerOf = (keys: Keys, client: Client | undefined): Asker => ({
  address: tagOf(keys, "address", client?.ip && countedAs(client.ip)),
  device: tagOf(keys, "device", client?.device_id),
  network: client?.asn === undefined ? null : String(client.asn),
});

/** What a guard is told of a send, made or only thought of. */
export function factsOf(
  keys: Keys,
  send: Omit<GuardedSend, "storefront" | "challenge">,
): SendFacts {
  const { to, country, countryAllowed, numberType, cost, purpose, objectName, client } = send;
  return {
    ...subjectsOf(objectName, to),
    line: Number(to.slice(-LINE)),
    country,
    countryAllowed,
    numberType,
    cost,
    purpose,
    ...askerOf(keys, client),
  };
}

/** Asks the guard where a rule in force concerns the send; else it only hears of it afterwards. */
export async function guardSend(deps: GuardSendDeps, send: GuardedSend): Promise<Guarded> {
  const { abuse } = deps;
  const { id } = send.storefront;
  // What a test key sends costs nobody anything.
  const rules = deps.sandbox ? noAbuseRules : abuse.rulesOf(id);
  const facts = factsOf(deps.keys, send);
  const { address, device, network } = facts;
  const asker = { address, device, network };
  const free = { rules, asker, refusal: null, knownMayPass: false, trace: [] };
  const noteBill = (ask: Ask, reply: SendReply, candidates: readonly Candidate[]) => {
    const costs = costsOf(reply, candidates, send.cost.segments);
    if (!isCost(costs, send.cost)) abuse.note(id, { kind: "billed", ask, costs });
  };
  const noteBadNumber = (reply: SendReply) => {
    if (reply.kind !== "bad-number" || rules.undelivered.mode === "off") return;
    abuse.note(id, { kind: "received", prefix: facts.prefix, taken: false });
  };
  const observing = concerned(rules, facts, "observe");
  if (concerned(rules, facts, "enforce").length > 0) {
    const ask = { rules, facts, ...(await proofOf(deps, send, rules)) };
    const { refusal, knownMayPass, observed } = await abuse.admit(id, ask);
    const trace = observed.map(observedStep);
    if (refusal && ask.fault === "silent") trace.push(UNVERIFIED);
    const settle = (reply: SendReply, candidates: readonly Candidate[]) => {
      const sent = messageOf(reply) !== null;
      if (!refusal && !sent) abuse.note(id, { kind: "unsent", ask });
      if (refusal && sent) abuse.note(id, { kind: "known", ask });
      if (sent) noteBill(ask, reply, candidates);
      noteBadNumber(reply);
    };
    return { ...free, refusal, knownMayPass, trace, settle };
  }
  if (observing.length === 0) return { ...free, settle: () => {} };
  const standing = observing.flatMap((rule) => {
    const step = abuse.standing(id, rule, subjectOf(rule, facts));
    return step ? [{ rule, step }] : [];
  });
  return {
    ...free,
    trace: standing.map(({ step }) => step),
    settle: (reply, candidates) => {
      const ask = { rules, facts, proof: null };
      const message = messageOf(reply);
      const told = standing.map(({ rule }) => rule);
      abuse.note(id, { kind: "unasked", ask, message, told });
      if (message !== null) noteBill(ask, reply, candidates);
      noteBadNumber(reply);
    },
  };
}

/** The text that a reply stands for; null when none was sent, or an earlier request sent it. */
const messageOf = (reply: SendReply): string | null =>
  reply.kind === "sent" ? reply.message : null;

/** What each account that took a text, or may have, bills for it. */
const costsOf = (
  { attempts }: SendReply,
  candidates: readonly Candidate[],
  segments: number,
): TextCost[] =>
  attempts
    .filter(({ outcome }) => outcome === "accepted" || outcome === "unknown")
    .map(({ account }) => ({
      price: candidates.find((one) => one.account === account)?.terms ?? null,
      segments,
    }));

const isCost = (costs: readonly TextCost[], { price }: TextCost): boolean =>
  costs.length === 1 &&
  costs[0]?.price?.amount === price?.amount &&
  costs[0]?.price?.currency === price?.currency;

/** Of a text that went out without the challenge that it takes. */
const UNVERIFIED: TraceStep = {
  step: "abuse",
  verdict: "challenge unverified",
  en: "The challenge's verifier gave no answer. The number used a code before, so the text went out without.",
  zh: "人机验证服务没有响应。该号码曾使用过验证码，因此未经验证直接发送。",
};

async function proofOf(
  { keys, clock, abuse }: GuardSendDeps,
  { challenge, storefront, to, purpose }: GuardedSend,
  rules: AbuseRules,
): Promise<Pick<Ask, "proof" | "fault">> {
  if (!challenge) return { proof: null };
  const about = { storefront: storefront.id, e164: to };
  const boundOnly = rules.challenge.bound_to_number;
  const read =
    challenge.type === "pow"
      ? readWork(keys, challenge.token, { ...about, boundOnly }, clock.now())
      : await abuse.readTurnstile(challenge.token, {
          domain: storefront.domain,
          actions: [actionOf(), actionOf(purpose)],
          cdata: cdataOf(keys, about),
          boundOnly,
        });
  return read.ok ? { proof: read.value } : { proof: null, fault: read.error };
}
