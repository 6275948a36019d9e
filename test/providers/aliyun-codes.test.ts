import { describe, expect, it } from "vitest";
import { aliyun } from "../../src/providers/aliyun.ts";
import { RECEIPT_CODES, SEND_CODES } from "../../src/providers/aliyun-codes.ts";
import { pairs, summarise } from "./outcomes.ts";
import { answer, aPush } from "./support.ts";

const SENDS = pairs({
  "permanent invalid-number": "isv.MOBILE_NUMBER_ILLEGAL",
  "permanent blocked-number": "isv.BLACK_KEY_CONTROL_LIMIT",
  "permanent opted-out": "isv.CUSTOMER_REFUSED",
  "permanent content-rejected": `isv.PARAM_NOT_SUPPORT_URL isv.SMS_CONTENT_ILLEGAL
    isv.UNSUPPORTED_CONTENT isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE`,
  "permanent invalid-variables": `isv.TEMPLATE_MISSING_PARAMETERS isv.TEMPLATE_PARAMS_ILLEGAL
    isv.INVALID_JSON_PARAM isv.PARAM_LENGTH_LIMIT`,
  "permanent account-config": "isv.DOMESTIC_NUMBER_NOT_SUPPORTED",
  "permanent malformed-request": "isv.MOBILE_COUNT_OVER_LIMIT",
  "permanent malformed-request alert": "isv.INVALID_PARAMETERS",
  "defer number-frequency 60 s": "isv.BUSINESS_LIMIT_CONTROL",
  "failover account-quota alert": "isv.DAY_LIMIT_CONTROL isv.MONTH_LIMIT_CONTROL",
  "failover account-balance alert": "isv.AMOUNT_NOT_ENOUGH isv.OUT_OF_SERVICE",
  "failover account-config alert": `isv.PRODUCT_UN_SUBSCRIPT isv.PRODUCT_UNSUBSCRIBE
    isv.ACCOUNT_NOT_EXISTS isv.ACCOUNT_ABNORMAL isv.SECURITY_FROZEN_ACCOUNT
    isp.RAM_PERMISSION_DENY isv.EXTEND_CODE_ERROR isv.ONE_CODE_MULTIPLE_SIGN
    isv.CODE_EXCEED_LIMIT isv.CODE_ERROR isv.SMS_TEST_SIGN_TEMPLATE_LIMIT
    isv.SMS_TEST_NUMBER_LIMIT isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL SignatureDoesNotMatch
    MissingAccessKeyId Forbidden.RAM InvalidVersion InvalidAction.NotFound`,
  "failover address-not-allowed alert": "isv.DENY_IP_RANGE",
  "failover sender-not-approved alert": `isv.SMS_SIGNATURE_ILLEGAL isv.SMS_SIGN_NAME_ILLEGAL
    isv.SMS_SIGN_ILLEGAL isv.SIGN_STATE_ILLEGAL isv.SIGN_NAME_ILLEGAL isv.SIGNATURE_BLACKLIST
    isv.SMS_SIGNATURE_SCENE_ILLEGAL PORT_NOT_REGISTERED`,
  "failover template-not-approved alert": "isv.SMS_TEMPLATE_ILLEGAL",
  "throttled 1000 ms": "InvalidTimeStamp.Expired SignatureNonceUsed",
  "unknown: isp.SYSTEM_ERROR": "isp.SYSTEM_ERROR",
  "unknown: isp.GATEWAY_ERROR": "isp.GATEWAY_ERROR",
  "unknown: ServiceUnavailable": "ServiceUnavailable",
  "unknown: InternalError": "InternalError",
  "unknown: accepted-without-id": "OK",
});

const FALLBACKS = pairs({
  "throttled 1000 ms": "Throttling Throttling.User Throttling.Api SomeThrottlingKind",
  "failover account-config alert": "InvalidAccessKeyId.NotFound InvalidAccessKeyId",
  "failover provider-fault": "isv.SOMETHING_NEW constructor toString InvalidAccessKeyIdentity",
});

const RECEIPTS = pairs({
  "invalid-number": "INVALID_NUMBER MOBILE_NUMBER_ILLEGAL isv.MOBILE_NUMBER_ILLEGAL",
  "unreachable-number": `MOBILE_NOT_ON_SERVICE MOBILE_ACCOUNT_ABNORMAL MOBLLE_TERMINAL_ERROR
    MOBILE_TERMINAL_ERROR`,
  "blocked-number": "MOBILE_IN_BLACK isv.BLACK_KEY_CONTROL_LIMIT",
  "opted-out": "USER_REJECT isv.CUSTOMER_REFUSED",
  "number-frequency": "MOBILE_SEND_LIMIT isv.BUSINESS_LIMIT_CONTROL",
  "content-rejected": `CONTENT_KEYWORD CONTENT_ERROR SMS_CONTENT_ILLEGAL SMS_SECURITY_INTERCEPTED
    isv.SMS_CONTENT_ILLEGAL`,
  "sender-not-approved": "SIGNATURE_BLACKLIST INVALID_SENDERID PORT_NOT_REGISTERED",
  "malformed-request": "PARAMS_ILLEGAL",
  "no-carrier-route": "NO_ROUTE IS_CLOSE SP_UNKNOWN_ERROR EXPIRED",
  "destination-unsupported": "SP_NOT_BY_INTER_SMS NOT_SUPPORTED_COUNTRY MOBILE_NOT_SUPPORT_RCS",
  "account-config": "FORBIDDEN_ACTION",
  "account-quota": "QPS_LIMIT_CONTROL",
  "account-balance": "OUT_OF_SERVICE AMOUNT_NOT_ENOUGH ONLINE_BILLING_FAILED",
  "provider-fault": "SYSTEM_ERROR DATA_NOT_EXIST isp.SYSTEM_ERROR SOMETHING_NEW constructor",
});

describe("Aliyun's send codes", () => {
  it.each([...SENDS, ...FALLBACKS])("reads %s as %s", (Code, verdict) => {
    expect(summarise(aliyun.readSend(answer({ Code, Message: "…" })))).toBe(verdict);
  });

  it("are all covered here", () => {
    expect(SENDS.map(([code]) => code).sort()).toEqual(Object.keys(SEND_CODES.codes).sort());
  });

  it.each([
    ["触发分钟级流控Permits:1", 60],
    ["触发小时级流控Permits:5", 3_600],
    ["触发天级流控Permits:10", 86_400],
    ["触发业务流控", 60],
    ["", 60],
    [undefined, 60],
  ])("defer a number's limit by its message: %s", (Message, seconds) => {
    const body = { Code: "isv.BUSINESS_LIMIT_CONTROL", Message };
    expect(summarise(aliyun.readSend(answer(body)))).toBe(`defer number-frequency ${seconds} s`);
  });
});

describe("Aliyun's receipt codes", () => {
  const failed = (err_code: string) =>
    JSON.stringify([{ biz_id: "b", phone_number: "13800138000", success: false, err_code }]);

  it.each(RECEIPTS)("reads %s as %s", (code, reason) => {
    expect(aliyun.receipts.read(aPush(failed(code))).receipts[0]).toMatchObject({
      status: "undelivered",
      code,
      reason,
    });
  });

  it("are all covered here or among the send codes", () => {
    const covered = new Set([...RECEIPTS, ...SENDS].map(([code]) => code));
    expect(Object.keys(RECEIPT_CODES.codes).filter((code) => !covered.has(code))).toEqual([]);
  });
});
