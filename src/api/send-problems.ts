import type { RuleName } from "../compliance/rules.ts";
import type { Finding } from "../compliance/send-facts.ts";
import { secondsUntil } from "../lib/time.ts";
import type { PhoneRefusal } from "../phone/e164.ts";
import type { SendRefusal } from "../verifications/send-verification.ts";
import { type Problem, problem, problemUntil } from "./problem.ts";

/** A provider that refused everything may take it again after this. */
const REFUSED_RETRY_SECONDS = 5;
/** Nobody knows when a stop is lifted. */
const STOPPED_RETRY_SECONDS = 60;

const PHONE_DETAILS: Record<PhoneRefusal["why"], string> = {
  "not-text": "must be a string of at most 32 characters",
  "unusual-characters": "holds characters that no phone number has",
  "not-a-number": "must be digits, with + or 00 before a country code",
  "no-country": "needs a country code, or `country` beside it",
  "unknown-country": "names a country that does not exist",
  "not-valid": "is not a number that can exist",
  "not-mobile": "is not a mobile number",
  "other-country": "belongs to another country than `country` says",
  "no-ordinary-network": "belongs to a satellite or special network",
};

/** What the gate for numbers refused, wherever a number comes in. */
export const phoneProblem = (refusal: PhoneRefusal): Problem =>
  problem("phone-invalid", `to: ${PHONE_DETAILS[refusal.why]}`, {
    errors: [{ path: "to", message: PHONE_DETAILS[refusal.why] }],
  });

const CAP_DETAILS = {
  cooldown: "The last text to this number was a moment ago.",
  per_hour: "This number had its texts of the hour.",
  per_day: "This number had its texts of the day.",
  guesses_per_day: "Too many wrong codes were tried for this number.",
  provider: "The provider holds back more texts to this number.",
} as const;

const DEMAND_SLUGS = {
  challenge: "challenge-required",
  limit: "rate-limited",
  block: "destination-blocked",
  pause: "service-unavailable",
} as const;

function abuseProblem({ demand, rule, en, until }: Finding, now: number): Problem {
  if (demand === "challenge") return problem(DEMAND_SLUGS[demand], en, { rule });
  const cap = demand === "limit" ? { cap: rule } : {};
  return problemUntil(DEMAND_SLUGS[demand], en, secondsUntil(until, now), { rule, ...cap });
}

/** A rule that is judged before the guard is asked. */
const ruled = (refused: Problem, rule: RuleName): Problem => ({ ...refused, rule });

/** Why no code was sent, and which abuse rule spoke if one did. */
export function sendProblem(refusal: SendRefusal, now: number): Problem {
  switch (refusal.code) {
    case "phone-invalid":
      return refusal.why === "not-mobile"
        ? ruled(phoneProblem(refusal), "number_types")
        : phoneProblem(refusal);
    case "number-refused":
      return problem("phone-invalid", "to: the provider knows this number as out of use", {
        errors: [{ path: "to", message: "the provider knows this number as out of use" }],
      });
    case "country-not-allowed":
      return ruled(
        problem("country-not-allowed", `The storefront does not send to ${refusal.country}.`),
        "countries",
      );
    case "stopped":
      return problemUntil("service-unavailable", refusal.stop.en, STOPPED_RETRY_SECONDS);
    case "template-not-approved":
      return problem(
        "template-not-approved",
        `No variant of the template ${refusal.template} is approved.`,
      );
    case "no-route":
      return problemUntil(
        "no-route",
        `No enabled account can carry this code to ${refusal.country}.`,
        REFUSED_RETRY_SECONDS,
      );
    case "all-providers-refused":
      return problemUntil(
        "service-unavailable",
        "Every provider refused the text; nothing was sent and nothing counted.",
        REFUSED_RETRY_SECONDS,
      );
    case "abuse":
      return abuseProblem(refusal.finding, now);
    case "capped": {
      const { cap, retryAfterSeconds } = refusal.refusal;
      return problemUntil("cap-exceeded", CAP_DETAILS[cap], retryAfterSeconds, { cap });
    }
  }
}
