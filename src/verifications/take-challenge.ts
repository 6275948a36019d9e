import { makeWork, type WorkChallenge } from "../compliance/proof-of-work.ts";
import { difficultyAt } from "../compliance/risk.ts";
import { concerned } from "../compliance/send-facts.ts";
import { actionOf, cdataOf } from "../compliance/turnstile.ts";
import { base32 } from "../lib/id.ts";
import type { Keys } from "../lib/keys.ts";
import { ok, type Result } from "../lib/result.ts";
import type { PhoneRefusal, TypedPhone } from "../phone/e164.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { readDestination } from "./destination.ts";
import { type AbuseWays, type ChallengeAnswer, type Client, factsOf } from "./guard-send.ts";
import type { Purpose } from "./settings.ts";
import { phoneObjectName } from "./verification-id.ts";

export interface TakeChallenge {
  readonly storefront: Storefront;
  readonly to: unknown;
  readonly country?: string | undefined;
  readonly type?: ChallengeAnswer["type"] | undefined;
  readonly purpose?: Purpose | undefined;
  readonly client?: Client | undefined;
}

export interface TakeChallengeDeps {
  readonly keys: Keys;
  readonly clock: { now(): number };
  readonly randomBytes: (length: number) => Uint8Array;
  readonly abuse: Pick<AbuseWays, "rulesOf" | "risk">;
  readonly turnstileSiteKey: string | null;
}

/** A challenge whose answer is worth nothing for another number. */
export type NumberChallenge =
  | ({ readonly type: "pow" } & WorkChallenge)
  | {
      readonly type: "turnstile";
      readonly siteKey: string;
      readonly action: string;
      readonly cdata: string;
    };

/** Work is the harder the more speaks against the send that it is for. */
export async function takeChallenge(
  deps: TakeChallengeDeps,
  input: TakeChallenge,
): Promise<Result<NumberChallenge, PhoneRefusal>> {
  const { keys, turnstileSiteKey: siteKey } = deps;
  const { storefront } = input;
  const rules = deps.abuse.rulesOf(storefront.id);
  const read = readDestination(rules, input.to, input.country ?? storefront.defaultCountry);
  if (!read.ok) return read;
  const about = { storefront: storefront.id, e164: read.value.e164 };
  if (siteKey !== null && input.type !== "pow") {
    const cdata = cdataOf(keys, about);
    return ok({ type: "turnstile", siteKey, action: actionOf(input.purpose), cdata });
  }
  const risk = await riskNow(deps, input, read.value);
  const difficulty = difficultyAt(rules.challenge.difficulty, risk);
  const nonce = base32(deps.randomBytes(10));
  const work = makeWork(keys, about, difficulty, { now: deps.clock.now(), nonce });
  return ok({ type: "pow", ...work });
}

async function riskNow(
  { keys, abuse }: TakeChallengeDeps,
  { storefront, purpose, client }: TakeChallenge,
  { e164: to, country, type: numberType }: TypedPhone,
) {
  const rules = abuse.rulesOf(storefront.id);
  const facts = factsOf(keys, {
    to,
    country,
    numberType,
    // Where codes may go, for how much and what for says nothing of who asks.
    countryAllowed: true,
    cost: { price: null, segments: 1 },
    purpose: purpose ?? "",
    objectName: phoneObjectName(keys, to),
    client,
  });
  if (concerned(rules, facts, "enforce").length === 0) return 0;
  return abuse.risk(storefront.id, { rules, facts, proof: null });
}
