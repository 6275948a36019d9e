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

const HOUR_SECONDS = 3_600;
/** "Until the next day in China" is known only with a clock; a day is its upper bound. */
const DAY_SECONDS = 86_400;
/** Marketing may leave from 08:00 to 22:00: at most ten hours to wait. */
const NIGHT_SECONDS = 36_000;

/** `Response.Error.Code` and each `SendStatusSet[].Code`. https://cloud.tencent.com/document/api/382/59177 */
export const SEND_CODES: CodeBook<CodeMeaning> = {
  codes: {
    Ok: accepted,

    "LimitExceeded.PhoneNumberThirtySecondLimit": defer("number-frequency", 30),
    "LimitExceeded.PhoneNumberOneHourLimit": defer("number-frequency", HOUR_SECONDS),
    "LimitExceeded.PhoneNumberDailyLimit": defer("number-frequency", DAY_SECONDS),
    "LimitExceeded.PhoneNumberSameContentDailyLimit": defer("number-frequency", DAY_SECONDS),
    "LimitExceeded.DeliveryFrequencyLimit": defer("number-frequency", HOUR_SECONDS),
    "FailedOperation.MarketingSendTimeConstraint": defer("marketing-hours", NIGHT_SECONDS),

    "InvalidParameterValue.IncorrectPhoneNumber": permanent("invalid-number"),
    "FailedOperation.PhoneNumberParseFail": permanent("invalid-number"),
    "MissingParameter.EmptyPhoneNumberSet": permanent("invalid-number"),
    "FailedOperation.PhoneNumberInBlacklist": permanent("blocked-number"),
    "FailedOperation.ContainSensitiveWord": permanent("content-rejected"),
    "InvalidParameter.DirtyWordFound": permanent("content-rejected"),
    "InvalidParameterValue.ContentLengthLimit": permanent("content-rejected"),
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": permanent("invalid-variables"),
    "InvalidParameterValue.TemplateParameterFormatError": permanent("invalid-variables"),
    "InvalidParameterValue.TemplateParameterLengthLimit": permanent("invalid-variables"),
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": alert(
      permanent("invalid-variables"),
    ),
    "LimitExceeded.PhoneNumberCountLimit": permanent("malformed-request"),
    "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber":
      permanent("malformed-request"),
    "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone": alert(permanent("account-config")),
    "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone": alert(permanent("account-config")),
    "FailedOperation.FailResolvePacket": alert(permanent("malformed-request")),
    "FailedOperation.JsonParseFail": alert(permanent("malformed-request")),
    "FailedOperation.OtherError": alert(permanent("malformed-request")),
    "FailedOperation.ParametersOtherError": alert(permanent("malformed-request")),

    "LimitExceeded.AppDailyLimit": alert(failover("account-quota")),
    "LimitExceeded.AppMainlandChinaDailyLimit": alert(failover("account-quota")),
    "LimitExceeded.AppGlobalDailyLimit": alert(failover("account-quota")),
    "LimitExceeded.DailyLimit": alert(failover("account-quota")),
    "LimitExceeded.AppCountryOrRegionDailyLimit": alert(failover("account-quota")),
    "LimitExceeded.AppCountryOrRegionInBlacklist": alert(failover("destination-unsupported")),
    "FailedOperation.InsufficientBalanceInSmsPackage": alert(failover("account-balance")),
    "UnauthorizedOperation.SerivceSuspendDueToArrears": alert(failover("account-balance")),
    "UnauthorizedOperation.ServiceSuspendDueToArrears": alert(failover("account-balance")),
    "FailedOperation.TemplateIncorrectOrUnapproved": alert(failover("template-not-approved")),
    "FailedOperation.TemplateUnapprovedOrNotExist": alert(failover("template-not-approved")),
    "FailedOperation.TemplateIdNotExist": alert(failover("template-not-approved")),
    "FailedOperation.SignatureIncorrectOrUnapproved": alert(failover("sender-not-approved")),
    "FailedOperation.SignIdNotExist": alert(failover("sender-not-approved")),
    "UnsupportedOperation.UnsuportedRegion": failover("destination-unsupported"),
    "UnsupportedOperation.UnsupportedRegion": failover("destination-unsupported"),
    "UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny": alert(
      failover("account-config"),
    ),
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": alert(failover("account-config")),
    "UnauthorizedOperation.SdkAppIdIsDisabled": alert(failover("account-config")),
    "UnauthorizedOperation.RequestPermissionDeny": alert(failover("account-config")),
    "UnauthorizedOperation.RequestIpNotInWhitelist": alert(failover("address-not-allowed")),
    "InvalidParameterValue.SdkAppIdNotExist": alert(failover("account-config")),
    "InvalidParameter.AppidAndBizId": alert(failover("account-config")),
    "AuthFailure.SignatureFailure": alert(failover("account-config")),
    "AuthFailure.SecretIdNotFound": alert(failover("account-config")),
    "AuthFailure.InvalidSecretId": alert(failover("account-config")),
    "AuthFailure.InvalidAuthorization": alert(failover("account-config")),
    "AuthFailure.TokenFailure": alert(failover("account-config")),
    "AuthFailure.UnauthorizedOperation": alert(failover("account-config")),
    UnauthorizedOperation: alert(failover("account-config")),
    InvalidAction: alert(failover("account-config")),
    NoSuchVersion: alert(failover("account-config")),
    IpInBlacklist: alert(failover("address-not-allowed")),
    IpNotInWhitelist: alert(failover("address-not-allowed")),

    "AuthFailure.SignatureExpire": throttle(1000),
    "InternalError.RequestTimeException": throttle(1000),

    // The message may have left before these gave up.
    "InternalError.Timeout": unknown,
    "InternalError.SendAndRecvFail": unknown,

    "InternalError.SigFieldMissing": alert(failover("provider-fault")),
    "InternalError.SigVerificationFail": alert(failover("provider-fault")),
    "InternalError.RestApiInterfaceNotExist": alert(failover("provider-fault")),
    "InternalError.JsonParseFail": alert(failover("provider-fault")),
    "InternalError.OtherError": failover("provider-fault"),
    "InternalError.UnknownError": failover("provider-fault"),
    "InternalError.ParseBackendResponseFail": failover("provider-fault"),
    InternalError: failover("provider-fault"),
    ServiceUnavailable: failover("provider-fault"),
    ResourceUnavailable: failover("provider-fault"),
  },
  patterns: [
    [/^RequestLimitExceeded(\.|$)/, throttle(1000)],
    [/^LimitExceeded(\.|$)/, defer("number-frequency", HOUR_SECONDS)],
    [/^(AuthFailure|UnauthorizedOperation)(\.|$)/, alert(failover("account-config"))],
    [/^FailedOperation\.Qualification/, alert(failover("sender-not-approved"))],
    [/^(FailedOperation|UnsupportedOperation)(\.|$)/, alert(failover("provider-fault"))],
    [
      /^(InvalidParameter|InvalidParameterValue|MissingParameter|UnknownParameter)(\.|$)/,
      alert(permanent("malformed-request")),
    ],
  ],
  otherwise: failover("provider-fault"),
};

const because = (reason: RejectReason, codes: string): [string, RejectReason][] =>
  codes.split(" ").map((code) => [code, reason]);

/**
 * Why a text was not delivered: `errmsg` of a status push, the carrier's code. Carriers change these;
 * what is not listed is the carrier's own trouble. https://cloud.tencent.com/document/product/382/38780
 */
export const RECEIPT_CODES: CodeBook<RejectReason> = {
  codes: Object.fromEntries([
    // No such number.
    ...because("unreachable-number", "UNDELIV UNDELIVRD MK:0000 MK:0001 MK:0012 MK:0013 MN:0001"),
    ...because("unreachable-number", "TA:169 XL:169 1 5 12 61 67 101"),
    // Switched off, or out of reach.
    ...because("unreachable-number", "EXPIRED MK:0010 MK:0024 MC:0055 MN:0059 4 15 54 55"),
    // A full or faulty handset.
    ...because("unreachable-number", "MK:0015 MK:0017 MI:0012 27 43 79"),
    ...because("blocked-number", "MX:0012 TD:0001 TD:19 TC:0001 HD:19 W-BLACK 69 MB:1077"),
    ...because("blocked-number", "DB:0141 DB:0144 DB:0164 HIGRISK"),
    ...because("opted-out", "TUIDING"),
    ...because("number-frequency", "MX:0003 TE:0003 MB:1042 BEYONDN"),
    ...because("content-rejected", "TC:0007 TE:0014 TD:0004"),
  ]),
  patterns: [
    [/^UNDELIV_[67]\d\d$/, "unreachable-number"],
    [/^MI:\d+$/, "unreachable-number"],
    [/^EXPIRED_/, "unreachable-number"],
    [/^(BWLIST|MOBILE BLACK)/, "blocked-number"],
    [/^REJECTD/, "content-rejected"],
  ],
  otherwise: "no-carrier-route",
};
