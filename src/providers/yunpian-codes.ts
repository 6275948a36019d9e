import {
  accepted,
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

const HOUR_SECONDS = 3_600;
/** "24 hours" is counted back from now; a day is its upper bound. */
const DAY_SECONDS = 86_400;
/** Marketing may leave from 08:00 to 22:00: at most ten hours to wait. */
const NIGHT_SECONDS = 36_000;

/**
 * `code` of an answer or of one of its elements.
 * https://www.yunpian.com/official/document/sms/zh_CN/returnvalue_common
 */
export const SEND_CODES: CodeBook<CodeMeaning> = {
  codes: {
    "0": accepted,

    // The vendor's rules against pestering one number: another vendor would only break them again.
    "8": defer("number-frequency", 30),
    "9": defer("number-frequency", 300),
    "17": defer("number-frequency", DAY_SECONDS),
    "22": defer("number-frequency", HOUR_SECONDS),
    "33": defer("number-frequency", 30),
    "43": defer("number-frequency", DAY_SECONDS),
    "13": defer("marketing-hours", NIGHT_SECONDS),

    "4": permanent("content-rejected"),
    "10": permanent("blocked-number"),
    "1": alert(permanent("malformed-request")),
    "2": alert(permanent("malformed-request")),
    "11": alert(permanent("malformed-request")),
    "12": alert(permanent("malformed-request")),
    "14": alert(permanent("malformed-request")),
    "18": alert(permanent("malformed-request")),
    "19": alert(permanent("malformed-request")),
    "21": alert(permanent("malformed-request")),
    "25": alert(permanent("malformed-request")),
    "34": alert(permanent("sender-not-approved")),
    "48": permanent("malformed-request"),
    "-6": alert(permanent("malformed-request")),
    "-8": alert(permanent("malformed-request")),
    "-52": permanent("malformed-request"),
    "-54": permanent("malformed-request"),
    "-55": permanent("malformed-request"),
    "-56": permanent("malformed-request"),

    "3": alert(failover("account-balance")),
    "5": alert(failover("template-not-approved")),
    "6": alert(failover("template-not-approved")),
    "7": alert(failover("template-not-approved")),
    "15": alert(failover("sender-not-approved")),
    "16": alert(failover("sender-not-approved")),
    "-57": alert(failover("sender-not-approved")),
    "20": failover("destination-unsupported"),
    "23": failover("destination-unsupported"),
    "28": failover("no-carrier-route"),
    "27": alert(failover("account-config")),
    "40": alert(failover("account-config")),
    "-1": alert(failover("account-config")),
    "-2": alert(failover("account-config")),
    "-3": alert(failover("address-not-allowed")),
    // "Handing the text over failed" is the one internal error that says where it stopped.
    "-53": failover("provider-fault"),

    "-4": throttle(60_000),
    "-5": throttle(1_000),
    "-7": throttle(1_000),

    // Neither says that nothing was sent; `get_record` does.
    "-50": unknown,
    "-51": unknown,
  },
  patterns: [],
  otherwise: failover("provider-fault"),
};

/** A malformed argument is our mistake, unless the words say that it is the number. */
export function meaningOf(code: string, message: string): CodeMeaning {
  const isNumber = code === "2" && /mobile|手机/i.test(message);
  return isNumber ? permanent("invalid-number") : lookUp(SEND_CODES, code);
}

/**
 * Why a text was not delivered: `error_msg`, the carrier's own code. Carriers change these, so
 * that only families are told apart and the rest is the carrier's own trouble.
 */
export const RECEIPT_CODES: CodeBook<RejectReason> = {
  codes: {},
  patterns: [
    [/^(UNDELIV|EXPIRED|MK:|MI:)/, "unreachable-number"],
    [/BLACK|^BWLIST/, "blocked-number"],
    [/^TUIDING/, "opted-out"],
    [/^REJECTD/, "content-rejected"],
  ],
  otherwise: "no-carrier-route",
};
