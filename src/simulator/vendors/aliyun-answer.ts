import { type Answer, json } from "./vendor.ts";

const MESSAGES: Readonly<Record<string, string>> = {
  OK: "OK",
  IncompleteSignature: "The request signature does not conform to Aliyun standards.",
  MissingAccessKeyId: "AccessKeyId is mandatory for this action.",
  SignatureDoesNotMatch: "Specified signature is not matched with our calculation.",
  SignatureNonceUsed: "Specified signature nonce was used already.",
  "InvalidAccessKeyId.NotFound": "Specified access key is not found.",
  "InvalidAction.NotFound": "Specified api is not found, please check your url and method.",
  "InvalidTimeStamp.Expired": "Specified time stamp or date value is expired.",
  InvalidVersion: "Specified parameter Version is not valid.",
  "Throttling.User": "Request was denied due to user flow control.",
  "isv.AMOUNT_NOT_ENOUGH": "账户余额不足",
  "isv.BUSINESS_LIMIT_CONTROL": "触发分钟级流控Permits:1",
  "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": "国际/港澳台消息模板不支持发送境内号码",
  "isv.ERROR_SIGN_NOT_DELETE": "审核中的签名，暂时无法删除",
  "isv.ERROR_TEMPLATE_NOT_DELETE": "审核中的模板，暂时无法删除",
  "isv.INVALID_JSON_PARAM": "JSON参数不合法，只接受字符串值",
  "isv.INVALID_PARAMETERS": "参数格式不正确",
  "isv.MOBILE_COUNT_OVER_LIMIT": "手机号码数量超过限制",
  "isv.MOBILE_NUMBER_ILLEGAL": "手机号码格式错误",
  "isv.PARAM_LENGTH_LIMIT": "参数超出长度限制",
  "isv.PARAM_NOT_SUPPORT_URL": "变量不支持传入URL",
  "isv.SIGN_NAME_ILLEGAL": "签名名称不符合规范或已存在",
  "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE": "短信内容和模板类型不匹配",
  "isv.SMS_SIGNATURE_ILLEGAL": "该账号下找不到对应签名",
  "isv.SMS_TEMPLATE_ILLEGAL": "该账号下找不到对应模板",
  "isv.TEMPLATE_MISSING_PARAMETERS": "模板变量中存在未赋值变量",
  "isv.TEMPLATE_OVER_LIMIT": "模板字符数量超过限制",
  "isv.TEMPLATE_PARAMS_ILLEGAL": "传入的变量内容和实际申请模板时变量所选择的属性类型不匹配",
  template_parameter_count_illegal: "验证码模板只支持一个变量",
};

const requestId = (): string => crypto.randomUUID().toUpperCase();

/** A business answer: HTTP 200, with `Code` OK and the operation's own fields. */
export const success = (fields: Record<string, unknown> = {}): Answer =>
  json(200, { RequestId: requestId(), Code: "OK", Message: "OK", ...fields });

/**
 * A refusal where Aliyun makes it: business codes in an HTTP 200, the gateway's own with an
 * error status. https://help.aliyun.com/document_detail/101346.html
 */
export function refusal(code: string): Answer {
  const body = {
    RequestId: requestId(),
    Message: MESSAGES[code] ?? missing(code) ?? code,
    Code: code,
  };
  if (/^is[vp]\.|^[a-z_]+$|^PORT_/.test(code)) return json(200, body);
  return json(gatewayStatus(code), {
    ...body,
    HostId: "dysmsapi.aliyuncs.com",
    Recommend: `https://api.aliyun.com/troubleshoot?q=${encodeURIComponent(code)}`,
  });
}

/** The gateway names an absent parameter in its code. */
const missing = (code: string): string | undefined =>
  code.startsWith("Missing") ? `${code.slice(7)} is mandatory for this action.` : undefined;

function gatewayStatus(code: string): number {
  if (code.endsWith(".NotFound")) return 404;
  if (code.startsWith("Forbidden")) return 403;
  if (code.startsWith("ServiceUnavailable")) return 503;
  return code.startsWith("InternalError") ? 500 : 400;
}
