import { describe, expect, it } from "vitest";
import { tencent } from "../../src/providers/tencent.ts";
import { RECEIPT_CODES, SEND_CODES } from "../../src/providers/tencent-codes.ts";
import { pairs, summarise } from "./outcomes.ts";
import { answer, aPush } from "./support.ts";

const SENDS = pairs({
  "defer number-frequency 30 s": "LimitExceeded.PhoneNumberThirtySecondLimit",
  "defer number-frequency 3600 s": `LimitExceeded.PhoneNumberOneHourLimit
    LimitExceeded.DeliveryFrequencyLimit`,
  "defer number-frequency 86400 s": `LimitExceeded.PhoneNumberDailyLimit
    LimitExceeded.PhoneNumberSameContentDailyLimit`,
  "defer marketing-hours 36000 s": "FailedOperation.MarketingSendTimeConstraint",
  "permanent invalid-number": `InvalidParameterValue.IncorrectPhoneNumber
    FailedOperation.PhoneNumberParseFail MissingParameter.EmptyPhoneNumberSet`,
  "permanent blocked-number": "FailedOperation.PhoneNumberInBlacklist",
  "permanent content-rejected": `FailedOperation.ContainSensitiveWord
    InvalidParameter.DirtyWordFound InvalidParameterValue.ContentLengthLimit`,
  "permanent invalid-variables": `InvalidParameterValue.ProhibitedUseUrlInTemplateParameter
    InvalidParameterValue.TemplateParameterFormatError
    InvalidParameterValue.TemplateParameterLengthLimit`,
  "permanent invalid-variables alert": "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
  "permanent account-config alert": `UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone
    UnsupportedOperation.GlobalTemplateToChineseMainlandPhone`,
  "permanent malformed-request": `LimitExceeded.PhoneNumberCountLimit
    UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber`,
  "permanent malformed-request alert": `FailedOperation.FailResolvePacket
    FailedOperation.JsonParseFail FailedOperation.OtherError FailedOperation.ParametersOtherError`,
  "failover account-quota alert": `LimitExceeded.AppDailyLimit
    LimitExceeded.AppMainlandChinaDailyLimit LimitExceeded.AppGlobalDailyLimit
    LimitExceeded.DailyLimit LimitExceeded.AppCountryOrRegionDailyLimit`,
  "failover account-balance alert": `FailedOperation.InsufficientBalanceInSmsPackage
    UnauthorizedOperation.SerivceSuspendDueToArrears
    UnauthorizedOperation.ServiceSuspendDueToArrears`,
  "failover template-not-approved alert": `FailedOperation.TemplateIncorrectOrUnapproved
    FailedOperation.TemplateUnapprovedOrNotExist FailedOperation.TemplateIdNotExist`,
  "failover sender-not-approved alert": `FailedOperation.SignatureIncorrectOrUnapproved
    FailedOperation.SignIdNotExist`,
  "failover destination-unsupported": `UnsupportedOperation.UnsuportedRegion
    UnsupportedOperation.UnsupportedRegion`,
  "failover destination-unsupported alert": "LimitExceeded.AppCountryOrRegionInBlacklist",
  "failover account-config alert": `
    UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny
    UnauthorizedOperation.SmsSdkAppIdVerifyFail UnauthorizedOperation.SdkAppIdIsDisabled
    UnauthorizedOperation.RequestPermissionDeny InvalidParameterValue.SdkAppIdNotExist
    InvalidParameter.AppidAndBizId AuthFailure.SignatureFailure AuthFailure.SecretIdNotFound
    AuthFailure.InvalidSecretId AuthFailure.InvalidAuthorization AuthFailure.TokenFailure
    AuthFailure.UnauthorizedOperation UnauthorizedOperation InvalidAction NoSuchVersion`,
  "failover address-not-allowed alert": `UnauthorizedOperation.RequestIpNotInWhitelist
    IpInBlacklist IpNotInWhitelist`,
  "failover provider-fault alert": `InternalError.SigFieldMissing
    InternalError.SigVerificationFail InternalError.RestApiInterfaceNotExist
    InternalError.JsonParseFail`,
  "failover provider-fault": `InternalError.OtherError InternalError.UnknownError
    InternalError.ParseBackendResponseFail InternalError ServiceUnavailable ResourceUnavailable`,
  "throttled 1000 ms": "AuthFailure.SignatureExpire InternalError.RequestTimeException",
  "unknown: InternalError.Timeout": "InternalError.Timeout",
  "unknown: InternalError.SendAndRecvFail": "InternalError.SendAndRecvFail",
  "unknown: accepted-without-id": "Ok",
});

const FALLBACKS = pairs({
  "throttled 1000 ms": `RequestLimitExceeded RequestLimitExceeded.IPLimitExceeded
    RequestLimitExceeded.UinLimitExceeded RequestLimitExceeded.GlobalRegionUinLimitExceeded`,
  "defer number-frequency 3600 s": "LimitExceeded LimitExceeded.SomethingNew",
  "failover account-config alert": "AuthFailure.SomethingNew UnauthorizedOperation.SomethingNew",
  "failover sender-not-approved alert": "FailedOperation.QualificationIdNotApproved",
  "failover provider-fault alert": "FailedOperation.SomethingNew UnsupportedOperation.SomethingNew",
  "permanent malformed-request alert": `InvalidParameter InvalidParameter.SomethingNew
    InvalidParameterValue.SomethingNew MissingParameter MissingParameter.X UnknownParameter`,
  "failover provider-fault": "InternalError.SomethingNew ResourceNotFound constructor toString",
});

const RECEIPTS = pairs({
  "unreachable-number": `UNDELIV UNDELIVRD MK:0000 MK:0001 MK:0012 MK:0013 MN:0001 TA:169 XL:169
    1 5 12 61 67 101 EXPIRED MK:0010 MK:0024 MC:0055 MN:0059 4 15 54 55 MK:0015 MK:0017 MI:0012
    27 43 79`,
  "blocked-number": `MX:0012 TD:0001 TD:19 TC:0001 HD:19 W-BLACK 69 MB:1077 DB:0141 DB:0144
    DB:0164 HIGRISK`,
  "opted-out": "TUIDING",
  "number-frequency": "MX:0003 TE:0003 MB:1042 BEYONDN",
  "content-rejected": "TC:0007 TE:0014 TD:0004",
});

const RECEIPT_FALLBACKS = pairs({
  "unreachable-number": "UNDELIV_601 UNDELIV_702 MI:0024 EXPIRED_105",
  "blocked-number": "BWLIST BWLISTS",
  "content-rejected": "REJECTD REJECTD_CONTENT",
  "no-carrier-route": "ID:0076 UNDELIV_801 constructor 2",
});

describe("Tencent's send codes", () => {
  it.each([...SENDS, ...FALLBACKS])("reads %s as %s for the call", (Code, verdict) => {
    // A refused call never says Ok: that word stands in the set alone.
    const answered =
      Code === "Ok" ? { SendStatusSet: [{ Code }] } : { Error: { Code, Message: "…" } };
    expect(summarise(tencent.readSend(answer({ Response: answered })))).toBe(verdict);
  });

  it.each([...SENDS, ...FALLBACKS])("reads %s as %s for the number", (Code, verdict) => {
    const SendStatusSet = [{ Code, Message: "…", SerialNo: "", Fee: 0 }];
    expect(summarise(tencent.readSend(answer({ Response: { SendStatusSet } })))).toBe(verdict);
  });

  it("are all covered here", () => {
    expect(SENDS.map(([code]) => code).sort()).toEqual(Object.keys(SEND_CODES.codes).sort());
  });
});

describe("Tencent's receipt codes", () => {
  const reasonOf = (errmsg: string) => {
    const report = { sid: "s", nationcode: "86", mobile: "13800138000", report_status: "FAIL" };
    return tencent.receipts.read(aPush(JSON.stringify([{ ...report, errmsg }]))).receipts[0]
      ?.reason;
  };

  it.each([...RECEIPTS, ...RECEIPT_FALLBACKS])("reads %s as %s", (code, reason) => {
    expect(reasonOf(code)).toBe(reason);
  });

  it("knows the one that holds a space", () => {
    expect(reasonOf("MOBILE BLACK")).toBe("blocked-number");
  });

  it("are all covered here", () => {
    expect(RECEIPTS.map(([code]) => code).sort()).toEqual(Object.keys(RECEIPT_CODES.codes).sort());
  });
});
