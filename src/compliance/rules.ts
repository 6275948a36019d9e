import { z } from "zod";
import { addressDefaults, addressNumbers } from "./address.ts";
import { approvedShareDefaults, approvedShareNumbers } from "./approved-share.ts";
import { countriesDefaults, countriesNumbers } from "./countries.ts";
import { delayDefaults, delayNumbers } from "./delay.ts";
import { deviceDefaults, deviceNumbers } from "./device.ts";
import { failedChecksDefaults, failedChecksNumbers } from "./failed-checks.ts";
import { humanDefaults, humanNumbers } from "./human.ts";
import { networkDefaults, networkNumbers } from "./network.ts";
import { numberDefaults, numberNumbers } from "./number.ts";
import { numberTypesDefaults, numberTypesNumbers } from "./number-types.ts";
import { prefixDefaults, prefixNumbers } from "./prefix.ts";
import { sequenceDefaults, sequenceNumbers } from "./sequence.ts";
import { spendDefaults, spendNumbers } from "./spend.ts";
import { surgeDefaults, surgeNumbers } from "./surge.ts";
import { undeliveredDefaults, undeliveredNumbers } from "./undelivered.ts";

/** `observe` changes no answer: what the rule would have done stands in the message's trace. */
const mode = z.enum(["enforce", "observe", "off"]);
export type Mode = z.infer<typeof mode>;

const SCHEMAS = {
  countries: countriesNumbers.extend({ mode }),
  number_types: numberTypesNumbers.extend({ mode }),
  address: addressNumbers.extend({ mode }),
  device: deviceNumbers.extend({ mode }),
  network: networkNumbers.extend({ mode }),
  prefix: prefixNumbers.extend({ mode }),
  sequence: sequenceNumbers.extend({ mode }),
  approved_share: approvedShareNumbers.extend({ mode }),
  undelivered: undeliveredNumbers.extend({ mode }),
  surge: surgeNumbers.extend({ mode }),
  spend: spendNumbers.extend({ mode }),
  failed_checks: failedChecksNumbers.extend({ mode }),
  number: numberNumbers.extend({ mode }),
  delay: delayNumbers.extend({ mode }),
  challenge: humanNumbers.extend({ mode }),
};

export const abuseRulesSchema = z.strictObject(SCHEMAS);
export type AbuseRules = z.infer<typeof abuseRulesSchema>;
export type RuleName = keyof AbuseRules;
export const RULE_NAMES = Object.keys(SCHEMAS) as readonly RuleName[];

export const abuseRulesPatchSchema = z
  .strictObject({
    countries: SCHEMAS.countries.partial(),
    number_types: SCHEMAS.number_types.partial(),
    address: SCHEMAS.address.partial(),
    device: SCHEMAS.device.partial(),
    network: SCHEMAS.network.partial(),
    prefix: SCHEMAS.prefix.partial(),
    sequence: SCHEMAS.sequence.partial(),
    approved_share: SCHEMAS.approved_share.partial(),
    undelivered: SCHEMAS.undelivered.partial(),
    surge: SCHEMAS.surge.partial(),
    spend: SCHEMAS.spend.partial(),
    failed_checks: SCHEMAS.failed_checks.partial(),
    number: SCHEMAS.number.partial(),
    delay: SCHEMAS.delay.partial(),
    challenge: SCHEMAS.challenge.partial(),
  })
  .partial();
export type AbuseRulesPatch = z.infer<typeof abuseRulesPatchSchema>;

/** What a storefront has before it changes anything: all off but what says where codes may go. */
export const defaultAbuseRules: AbuseRules = {
  countries: { mode: "enforce", ...countriesDefaults },
  number_types: { mode: "enforce", ...numberTypesDefaults },
  address: { mode: "off", ...addressDefaults },
  device: { mode: "off", ...deviceDefaults },
  network: { mode: "off", ...networkDefaults },
  prefix: { mode: "off", ...prefixDefaults },
  sequence: { mode: "off", ...sequenceDefaults },
  approved_share: { mode: "off", ...approvedShareDefaults },
  undelivered: { mode: "off", ...undeliveredDefaults },
  surge: { mode: "off", ...surgeDefaults },
  spend: { mode: "off", ...spendDefaults },
  failed_checks: { mode: "off", ...failedChecksDefaults },
  number: { mode: "off", ...numberDefaults },
  delay: { mode: "off", ...delayDefaults },
  challenge: { mode: "off", ...humanDefaults },
};

/** The rules after a merge: what the patch leaves out stays. */
export function mergeAbuseRules(rules: AbuseRules, patch: AbuseRulesPatch): AbuseRules {
  const merged = RULE_NAMES.map((name) => {
    const changes = Object.entries(patch[name] ?? {}).filter(([, value]) => value !== undefined);
    return [name, { ...rules[name], ...Object.fromEntries(changes) }];
  });
  return Object.fromEntries(merged) as AbuseRules;
}

/** Those of somebody whom nothing is refused: of a test key, whose texts cost nobody anything. */
export const noAbuseRules: AbuseRules = mergeAbuseRules(defaultAbuseRules, {
  countries: { mode: "off" },
  number_types: { mode: "off" },
});
