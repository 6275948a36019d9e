import {
  accepted,
  alert,
  type CodeBook,
  defer,
  failover,
  permanent,
  throttle,
  unknown,
} from "./codes.ts";
import type { CodeMeaning, RejectReason } from "./provider.ts";

/** The calendar minute's limit; `frequencyWindowSeconds` tells the longer ones by the message. */
const MINUTE_SECONDS = 60;

/** What SendSms answers in `Code`. https://help.aliyun.com/document_detail/101346.html */
export const SEND_CODES: CodeBook<CodeMeaning> = {
  codes: {
    OK: accepted,

    "isv.BUSINESS_LIMIT_CONTROL": defer("number-frequency", MINUTE_SECONDS),

    "isv.MOBILE_NUMBER_ILLEGAL": permanent("invalid-number"),
    "isv.BLACK_KEY_CONTROL_LIMIT": permanent("blocked-number"),
    "isv.CUSTOMER_REFUSED": permanent("opted-out"),
    "isv.PARAM_NOT_SUPPORT_URL": permanent("content-rejected"),
    "isv.SMS_CONTENT_ILLEGAL": permanent("content-rejected"),
    "isv.UNSUPPORTED_CONTENT": permanent("content-rejected"),
    "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE": permanent("content-rejected"),
    "isv.TEMPLATE_MISSING_PARAMETERS": permanent("invalid-variables"),
    "isv.TEMPLATE_PARAMS_ILLEGAL": permanent("invalid-variables"),
    "isv.INVALID_JSON_PARAM": permanent("invalid-variables"),
    "isv.PARAM_LENGTH_LIMIT": permanent("invalid-variables"),
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": permanent("account-config"),
    "isv.MOBILE_COUNT_OVER_LIMIT": permanent("malformed-request"),
    "isv.INVALID_PARAMETERS": alert(permanent("malformed-request")),

    "isv.DAY_LIMIT_CONTROL": alert(failover("account-quota")),
    "isv.MONTH_LIMIT_CONTROL": alert(failover("account-quota")),
    "isv.AMOUNT_NOT_ENOUGH": alert(failover("account-balance")),
    "isv.OUT_OF_SERVICE": alert(failover("account-balance")),
    "isv.PRODUCT_UN_SUBSCRIPT": alert(failover("account-config")),
    "isv.PRODUCT_UNSUBSCRIBE": alert(failover("account-config")),
    "isv.ACCOUNT_NOT_EXISTS": alert(failover("account-config")),
    "isv.ACCOUNT_ABNORMAL": alert(failover("account-config")),
    "isv.SECURITY_FROZEN_ACCOUNT": alert(failover("account-config")),
    "isp.RAM_PERMISSION_DENY": alert(failover("account-config")),
    "isv.EXTEND_CODE_ERROR": alert(failover("account-config")),
    "isv.ONE_CODE_MULTIPLE_SIGN": alert(failover("account-config")),
    "isv.CODE_EXCEED_LIMIT": alert(failover("account-config")),
    "isv.CODE_ERROR": alert(failover("account-config")),
    "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT": alert(failover("account-config")),
    "isv.SMS_TEST_NUMBER_LIMIT": alert(failover("account-config")),
    "isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL": alert(failover("account-config")),
    "isv.DENY_IP_RANGE": alert(failover("address-not-allowed")),
    "isv.SMS_SIGNATURE_ILLEGAL": alert(failover("sender-not-approved")),
    "isv.SMS_SIGN_NAME_ILLEGAL": alert(failover("sender-not-approved")),
    "isv.SMS_SIGN_ILLEGAL": alert(failover("sender-not-approved")),
    "isv.SIGN_STATE_ILLEGAL": alert(failover("sender-not-approved")),
    "isv.SIGN_NAME_ILLEGAL": alert(failover("sender-not-approved")),
    "isv.SIGNATURE_BLACKLIST": alert(failover("sender-not-approved")),
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": alert(failover("sender-not-approved")),
    PORT_NOT_REGISTERED: alert(failover("sender-not-approved")),
    "isv.SMS_TEMPLATE_ILLEGAL": alert(failover("template-not-approved")),

    SignatureDoesNotMatch: alert(failover("account-config")),
    MissingAccessKeyId: alert(failover("account-config")),
    "Forbidden.RAM": alert(failover("account-config")),
    InvalidVersion: alert(failover("account-config")),
    "InvalidAction.NotFound": alert(failover("account-config")),

    "InvalidTimeStamp.Expired": throttle(1000),
    SignatureNonceUsed: throttle(1000),

    // None of these says that nothing was sent.
    "isp.SYSTEM_ERROR": unknown,
    "isp.GATEWAY_ERROR": unknown,
    ServiceUnavailable: unknown,
    InternalError: unknown,
  },
  patterns: [
    [/Throttling/, throttle(1000)],
    [/^InvalidAccessKeyId(\.|$)/, alert(failover("account-config"))],
  ],
  otherwise: failover("provider-fault"),
};

/**
 * How long BUSINESS_LIMIT_CONTROL holds, by its words ("触发天级流控Permits:10"): minutes and hours
 * end on the clock, so these are upper bounds. Unclear words give the shortest: asking again is free.
 */
export function frequencyWindowSeconds(message: unknown): number {
  const words = typeof message === "string" ? message : "";
  if (words.includes("天级")) return 86_400;
  if (words.includes("小时级")) return 3_600;
  return MINUTE_SECONDS;
}

const SEND_REASONS = Object.fromEntries(
  Object.entries(SEND_CODES.codes).flatMap(([code, meaning]) =>
    "reason" in meaning ? [[code, meaning.reason] as const] : [],
  ),
);

/** Why a text was not delivered: `err_code` of SmsReport. https://help.aliyun.com/document_detail/101347.html */
export const RECEIPT_CODES: CodeBook<RejectReason> = {
  codes: {
    // Receipts repeat send codes for what is found out only after the send was accepted.
    ...SEND_REASONS,

    INVALID_NUMBER: "invalid-number",
    MOBILE_NUMBER_ILLEGAL: "invalid-number",
    MOBILE_NOT_ON_SERVICE: "unreachable-number",
    MOBILE_ACCOUNT_ABNORMAL: "unreachable-number",
    MOBLLE_TERMINAL_ERROR: "unreachable-number",
    MOBILE_TERMINAL_ERROR: "unreachable-number",
    MOBILE_IN_BLACK: "blocked-number",
    USER_REJECT: "opted-out",
    MOBILE_SEND_LIMIT: "number-frequency",
    CONTENT_KEYWORD: "content-rejected",
    CONTENT_ERROR: "content-rejected",
    SMS_CONTENT_ILLEGAL: "content-rejected",
    SMS_SECURITY_INTERCEPTED: "content-rejected",
    SIGNATURE_BLACKLIST: "sender-not-approved",
    INVALID_SENDERID: "sender-not-approved",
    PARAMS_ILLEGAL: "malformed-request",
    NO_ROUTE: "no-carrier-route",
    IS_CLOSE: "no-carrier-route",
    SP_UNKNOWN_ERROR: "no-carrier-route",
    EXPIRED: "no-carrier-route",
    SP_NOT_BY_INTER_SMS: "destination-unsupported",
    NOT_SUPPORTED_COUNTRY: "destination-unsupported",
    MOBILE_NOT_SUPPORT_RCS: "destination-unsupported",
    FORBIDDEN_ACTION: "account-config",
    QPS_LIMIT_CONTROL: "account-quota",
    OUT_OF_SERVICE: "account-balance",
    AMOUNT_NOT_ENOUGH: "account-balance",
    ONLINE_BILLING_FAILED: "account-balance",
    SYSTEM_ERROR: "provider-fault",
    DATA_NOT_EXIST: "provider-fault",
  },
  patterns: [],
  otherwise: "provider-fault",
};
