import { type Answer, json } from "./vendor.ts";

const MESSAGES: Readonly<Record<string, string>> = {
  Ok: "send success",
  "AuthFailure.InvalidAuthorization": "The provided Authorization header is invalid.",
  "AuthFailure.SecretIdNotFound": "The SecretId is not found, please ensure that it is correct.",
  "AuthFailure.SignatureExpire": "The provided signature has expired.",
  "AuthFailure.SignatureFailure": "The provided credentials could not be validated.",
  "FailedOperation.InsufficientBalanceInSmsPackage": "insufficient balance in sms package",
  "FailedOperation.MissingSignature": "signature does not exist",
  "FailedOperation.SignatureIncorrectOrUnapproved": "signature is incorrect or unapproved",
  "FailedOperation.TemplateAlreadyPassedCheck": "template has already passed the review",
  "FailedOperation.TemplateIncorrectOrUnapproved": "template is incorrect or unapproved",
  "FailedOperation.TemplateParamSetNotMatchApprovedTemplate":
    "request content does not match the template content",
  InvalidAction: "The request action is invalid or missing.",
  InvalidParameter: "A parameter has the wrong type or format.",
  "InvalidParameterValue.ContentLengthLimit": "the length of the message is over the limit",
  "InvalidParameterValue.IncorrectPhoneNumber": "incorrect phone number",
  "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter":
    "urls are not allowed in template parameters",
  "InvalidParameterValue.TemplateParameterFormatError":
    "Verification code template parameter format error",
  "LimitExceeded.PhoneNumberCountLimit": "the number of phone numbers exceeds the limit",
  "LimitExceeded.PhoneNumberDailyLimit":
    "the number of sms messages sent from a single mobile number every day exceeds the upper limit",
  "LimitExceeded.PhoneNumberThirtySecondLimit":
    "the number of sms messages sent from a single mobile number within 30 seconds exceeds the upper limit",
  "MissingParameter.EmptyPhoneNumberSet": "the phone number set is empty",
  NoSuchVersion: "The version of the interface does not exist.",
  RequestLimitExceeded: "Your current request times exceed the maximum limit.",
  UnknownParameter: "A parameter is not recognized.",
  "UnauthorizedOperation.SmsSdkAppIdVerifyFail": "verification of SmsSdkAppId failed",
  "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone":
    "a mainland template cannot be sent to a global phone number",
  "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber":
    "the request contains both domestic and international phone numbers",
  "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone":
    "a global template cannot be sent to a mainland phone number",
};

export const messageOf = (code: string): string => MESSAGES[code] ?? code;

const respond = (fields: Record<string, unknown>): Answer =>
  json(200, { Response: { ...fields, RequestId: crypto.randomUUID() } });

export const success = (fields: Record<string, unknown>): Answer => respond(fields);

/** A refusal of the whole request: still HTTP 200, with `Error` in the response. */
export const refusal = (code: string): Answer =>
  respond({ Error: { Code: code, Message: messageOf(code) } });

/** Whether Tencent gives this code by number, within an answered request. */
export const isPerNumber = (code: string): boolean =>
  /^(?:FailedOperation|LimitExceeded|InvalidParameterValue|UnsupportedOperation)\./.test(code);
