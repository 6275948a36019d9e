import { countedAs } from "../access/address.ts";
import type { GuardNote } from "../compliance/abuse-guard.ts";
import {
  type Ask,
  concerned,
  type Finding,
  type GuardAnswer,
  type Proof,
  type SendFacts,
  subjectOf,
} from "../compliance/judge-send.ts";
import { readWork } from "../compliance/proof-of-work.ts";
import { type AbuseRules, noAbuseRules, type RuleName } from "../compliance/rules.ts";
import type { TextCost } from "../compliance/spend.ts";
import { observedStep } from "../compliance/watch.ts";
import type { Keys } from "../lib/keys.ts";
import type { TraceStep } from "../messages/message.ts";
import type { NumberType } from "../phone/e164.ts";
import type { Storefront } from "../storefronts/storefront.ts";
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
  /** The address that asks, as a keyed hash. */
  readonly askedFrom: string | null;
  readonly refusal: Finding | null;
  /** The refusal does not concern a number that was approved before. */
  readonly knownMayPass: boolean;
  readonly trace: readonly TraceStep[];
  /** Tells the guard what became of it; `reply` is null when the number was not asked. */
  readonly settle: (reply: SendReply | null) => void;
}

const LINE = 4;
const TAG = 16;

/** What stands for a number at the guard, and the prefix that it belongs to. */
export const subjectsOf = (objectName: string, to: string) => ({
  number: objectName.slice(0, TAG),
  prefix: to.slice(0, -LINE),
});

function factsOf(keys: Keys, send: GuardedSend): SendFacts {
  const { to, country, countryAllowed, numberType, cost, purpose, objectName, client } = send;
  const tag = (kind: string, value: string | null | undefined): string | null =>
    value ? keys.identify(`abuse ${kind}`, value).slice(0, TAG) : null;
  return {
    ...subjectsOf(objectName, to),
    line: Number(to.slice(-LINE)),
    country,
    countryAllowed,
    numberType,
    cost,
    purpose,
    address: tag("address", client?.ip && countedAs(client.ip)),
    device: tag("device", client?.device_id),
    network: client?.asn === undefined ? null : String(client.asn),
  };
}

/** Asks the guard where a rule in force concerns the send; else it only hears of it afterwards. */
export async function guardSend(deps: GuardSendDeps, send: GuardedSend): Promise<Guarded> {
  const { abuse } = deps;
  const { id } = send.storefront;
  // What a test key sends costs nobody anything.
  const rules = deps.sandbox ? noAbuseRules : abuse.rulesOf(id);
  const facts = factsOf(deps.keys, send);
  const free = { rules, askedFrom: facts.address, refusal: null, knownMayPass: false, trace: [] };
  const observing = concerned(rules, facts, "observe");
  if (concerned(rules, facts, "enforce").length > 0) {
    const ask = { rules, facts, proof: await proofOf(deps, send) };
    const { refusal, knownMayPass, observed } = await abuse.admit(id, ask);
    const trace = observed.map(observedStep);
    const settle = (reply: SendReply | null) => {
      const sent = messageOf(reply) !== null;
      if (!refusal && !sent) abuse.note(id, { kind: "unsent", ask });
      if (refusal && sent) abuse.note(id, { kind: "known", ask });
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
    settle: (reply) =>
      abuse.note(id, {
        kind: "unasked",
        ask: { rules, facts, proof: null },
        message: messageOf(reply),
        told: standing.map(({ rule }) => rule),
      }),
  };
}

/** The text that a reply stands for; null when none was sent, or an earlier request sent it. */
const messageOf = (reply: SendReply | null): string | null =>
  reply?.kind === "sent" ? reply.message : null;

async function proofOf(deps: GuardSendDeps, send: GuardedSend): Promise<Proof | null> {
  const { challenge, storefront, to } = send;
  if (!challenge) return null;
  if (challenge.type === "turnstile") {
    return deps.abuse.readTurnstile(challenge.token, storefront);
  }
  const about = { storefront: storefront.id, e164: to };
  return readWork(deps.keys, challenge.token, about, deps.clock.now());
}
