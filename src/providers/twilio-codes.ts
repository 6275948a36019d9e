import {
  alert,
  type CodeBook,
  defer,
  failover,
  lookUp,
  permanent,
  throttle,
  unknown,
} from "./codes.ts";
import type { CodeMeaning, RejectReason } from "./provider.ts";

/** An overflowing queue of a sender empties in seconds to minutes. */
const QUEUE_MS = 30_000;

/** A phone that is off is worth another try, and no other provider's. */
const OFF_SECONDS = 600;

/**
 * Codes of refused calls and, from 30001 on, of failed texts: a call's answer may carry those too.
 * https://www.twilio.com/docs/api/errors
 */
export const SEND_CODES: CodeBook<CodeMeaning> = {
  codes: {
    14107: throttle(1_000),
    20429: throttle(1_000),
    21611: throttle(QUEUE_MS),
    30001: throttle(QUEUE_MS),
    63017: throttle(QUEUE_MS),
    63018: throttle(QUEUE_MS),

    21211: permanent("invalid-number"),
    21214: permanent("invalid-number"),
    21217: permanent("invalid-number"),
    21614: permanent("invalid-number"),
    21635: permanent("invalid-number"),
    30005: permanent("invalid-number"),
    30006: permanent("unreachable-number"),
    30003: defer("unreachable-number", OFF_SECONDS),
    21610: permanent("opted-out"),

    // Of the content or the route, and of suspected fraud: no word of the person's.
    30004: permanent("traffic-blocked"),
    30450: permanent("traffic-blocked"),
    30007: permanent("content-rejected"),
    21656: permanent("invalid-variables"),
    21602: alert(permanent("malformed-request")),
    21604: alert(permanent("malformed-request")),
    21617: alert(permanent("malformed-request")),
    21620: alert(permanent("malformed-request")),

    21408: alert(failover("destination-unsupported")),
    21612: alert(failover("no-carrier-route")),
    21603: alert(failover("account-config")),
    21606: alert(failover("sender-not-approved")),
    21659: alert(failover("sender-not-approved")),
    21660: alert(failover("sender-not-approved")),
    30032: alert(failover("sender-not-approved")),
    30034: alert(failover("sender-not-approved")),
    20003: alert(failover("account-config")),
    20005: alert(failover("account-config")),
    30002: alert(failover("account-config")),

    63016: failover("destination-unsupported"),
    63024: failover("destination-unsupported"),
    63036: failover("destination-unsupported"),

    30008: unknown,
    30410: unknown,
  },
  patterns: [],
  otherwise: failover("provider-fault"),
};

/** Why a text failed, by the `ErrorCode` of its receipt. */
export function receiptReason(code: string): RejectReason {
  const meaning = lookUp(SEND_CODES, code);
  if (meaning.next === "throttle") return "account-quota";
  return "reason" in meaning ? meaning.reason : "provider-fault";
}
