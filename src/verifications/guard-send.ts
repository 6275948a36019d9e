import { countedAs } from "../access/address.ts";
import type { GuardNote } from "../compliance/abuse-guard.ts";
import { readWork } from "../compliance/proof-of-work.ts";
import type { Refusal } from "../compliance/refusals/refusal.ts";
import { type AbuseRules, noAbuseRules, type RuleName } from "../compliance/rules.ts";
import {
  type Ask,
  concerned,
  type Finding,
  type GuardAnswer,
  type Proof,
  type SendFacts,
  subjectOf,
} from "../compliance/send-facts.ts";
import type { TextCost } from "../compliance/spend.ts";
import { observedStep } from "../compliance/watch.ts";
import type { Keys } from "../lib/keys.ts";
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
  /** Goes on behind the answer. */
  readonly note: (storefront: string, note: GuardNote) => void;
  /** Writes down behind the answer who was refused what. */
  readonly refused: (storefront: string, refusal: Refusal) => void;
  readonly standing: (storefront: string, rule: RuleName, subject: string) => TraceStep | null;
  readonly readTurnstile: (token: string, storefront: Storefront) => Promise<Proof | null>;
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

function factsOf(keys: Keys, send: GuardedSend): SendFacts {
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
    const ask = { rules, facts, proof: await proofOf(deps, send) };
    const { refusal, knownMayPass, observed } = await abuse.admit(id, ask);
    const trace = observed.map(observedStep);
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

async function proofOf(deps: GuardSendDeps, send: GuardedSend): Promise<Proof | null> {
  const { challenge, storefront, to } = send;
  if (!challenge) return null;
  if (challenge.type === "turnstile") {
    return deps.abuse.readTurnstile(challenge.token, storefront);
  }
  const about = { storefront: storefront.id, e164: to };
  return readWork(deps.keys, challenge.token, about, deps.clock.now());
}
