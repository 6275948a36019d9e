import { countriesVerdict } from "../compliance/countries.ts";
import { numberTypesVerdict } from "../compliance/number-types.ts";
import type { Refusal } from "../compliance/refusals/refusal.ts";
import type { AbuseRules, RuleName } from "../compliance/rules.ts";
import type { Verdict } from "../compliance/verdict.ts";
import type { Keys } from "../lib/keys.ts";
import { SECOND } from "../lib/time.ts";
import { readPhone, type TypedPhone } from "../phone/e164.ts";
import { type AbuseWays, askerOf } from "./guard-send.ts";
import type { SendRefusal, SendVerification } from "./send-verification.ts";

interface TellDeps {
  readonly keys: Keys;
  readonly abuse: Pick<AbuseWays, "rulesOf" | "note" | "refused">;
  readonly clock: { now(): number };
}

/** Rules that refuse without their guard: it has to be told, to count them. */
const UNGUARDED: ReadonlySet<RuleName> = new Set(["countries", "number_types", "number", "delay"]);

const CAPS = {
  cooldown: "冷却时间",
  per_hour: "每小时上限",
  per_day: "每日上限",
  guesses_per_day: "每日输错上限",
  provider: "服务商上限",
} as const;

/** What the rule says that refused; null where none did. */
function reasonOf(
  refusal: SendRefusal,
  phone: TypedPhone,
  rules: AbuseRules,
  now: number,
): (Verdict & Pick<Refusal, "rule">) | null {
  switch (refusal.code) {
    case "abuse":
      return refusal.finding;
    case "country-not-allowed": {
      const verdict = countriesVerdict({ country: phone.country, countryAllowed: false }, now);
      return verdict && { ...verdict, rule: "countries" };
    }
    case "phone-invalid": {
      if (refusal.why !== "not-mobile") return null;
      const verdict = numberTypesVerdict({ numberType: phone.type }, rules.number_types, now);
      return verdict && { ...verdict, rule: "number_types" };
    }
    case "capped": {
      const { cap, retryAfterSeconds } = refusal.refusal;
      return {
        rule: "caps",
        demand: "limit",
        until: now + retryAfterSeconds * SECOND,
        en: `The number is at its cap ${cap}.`,
        zh: `该号码已达${CAPS[cap]}。`,
      };
    }
    default:
      return null;
  }
}

/** Has a refusal counted and written down, behind the answer. */
export function tellRefusal(
  { keys, abuse, clock }: TellDeps,
  { storefront, to, country, purpose, client }: SendVerification,
  refusal: SendRefusal,
): void {
  const now = clock.now();
  const phone = readPhone(to, country ?? storefront.defaultCountry);
  const reason = phone.ok
    ? reasonOf(refusal, phone.value, abuse.rulesOf(storefront.id), now)
    : null;
  if (!phone.ok || !reason) return;
  const { rule, demand, en, zh, until } = reason;
  if (rule !== "caps" && UNGUARDED.has(rule)) abuse.note(storefront.id, { kind: "refused", rule });
  abuse.refused(storefront.id, {
    ...{ rule, demand, en, zh, purpose },
    ...askerOf(keys, client),
    until: until > now ? until : null,
    to: phone.value.e164,
    country: phone.value.country,
    at: now,
  });
}
