import { accepted, alert, type CodeBook, failover, permanent, unknown } from "./codes.ts";
import type { CodeMeaning } from "./provider.ts";

/** What a send answers, and nothing beside it. https://www.smsbao.com/openapi/213.html */
export const SEND_CODES: CodeBook<CodeMeaning> = {
  codes: {
    "0": accepted,

    "-1": alert(permanent("malformed-request")),
    "-2": alert(permanent("malformed-request")),
    "50": permanent("content-rejected"),
    "51": permanent("invalid-number"),

    "30": alert(failover("account-config")),
    "40": alert(failover("account-config")),
    "41": alert(failover("account-balance")),
    "42": alert(failover("account-config")),
    "43": alert(failover("address-not-allowed")),
  },
  patterns: [],
  otherwise: unknown,
};

/** The negative codes as some of its servers print them, in 64 bits without a sign. */
export const UNSIGNED: ReadonlyMap<string, string> = new Map([
  ["18446744073709551615", "-1"],
  ["18446744073709551614", "-2"],
]);
