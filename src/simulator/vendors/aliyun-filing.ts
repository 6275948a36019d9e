import { chinaTime } from "../time.ts";
import { refusal, success } from "./aliyun-answer.ts";
import {
  type Answer,
  type Category,
  type Desk,
  type Filing,
  isRecord,
  parseJson,
  reviewState,
} from "./vendor.ts";

export interface Sender {
  readonly source: string;
  readonly type: string;
}

export interface Template {
  readonly name: string;
  readonly content: string;
  /** 0 code, 1 notice, 2 promotion, 3 international. */
  readonly type: number;
  /** Of an international template: 0 notice, 1 promotion, 2 code. */
  readonly intlType: number;
  readonly sender: string;
  readonly rule: string;
}

type Params = Readonly<Record<string, string>>;

const REJECTION = "内容不符合规范";
const CODE_WORDS = /验证码|注册码|校验码|动态码/;
const OPT_OUT_WORDS = /拒收|退订/;
const STATUS = { reviewing: 0, approved: 1, rejected: 2 } as const;
const AUDIT = {
  reviewing: "AUDIT_STATE_INIT",
  approved: "AUDIT_STATE_PASS",
  rejected: "AUDIT_STATE_NOT_PASS",
} as const;
/** The scale of `TemplateType` in the template list, which is not the one it is filed with. */
const LISTED_TYPE = [2, 0, 1, 6];

/** Names of the variables a template asks for, in order, without repetition. */
export const variablesOf = (content: string): string[] => [
  ...new Set([...content.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? "")),
];

export function categoryOf({ type, intlType }: Template): Category {
  const scale: Category[] =
    type === 3 ? ["notice", "promotion", "code"] : ["code", "notice", "promotion"];
  return scale[type === 3 ? intlType : type] ?? "notice";
}

export function createSmsSign(params: Params, desk: Desk): Answer {
  const { SignName: name, SignSource: source, SignType: type = "1" } = params;
  if (name === undefined) return refusal("MissingSignName");
  if (source === undefined) return refusal("MissingSignSource");
  const known = desk.filing<Sender>("sender", name);
  const isTaken = known !== undefined && reviewState(known, desk.now) !== "rejected";
  if (isTaken || !/^[^【】()（）[\]\s、，,。]{2,12}$/u.test(name))
    return refusal("isv.SIGN_NAME_ILLEGAL");
  const filing = desk.file<Sender>("sender", { source, type }, () => name);
  return success({ SignName: name, OrderId: orderId(filing) });
}

export function getSmsSign(params: Params, desk: Desk): Answer {
  const filing = desk.filing<Sender>("sender", params.SignName ?? "");
  if (filing === undefined) return refusal("isv.SMS_SIGNATURE_ILLEGAL");
  const state = reviewState(filing, desk.now);
  const operators = ["mobile", "unicom", "telecom"];
  return success({
    SignName: filing.key,
    SignStatus: STATUS[state],
    OrderId: orderId(filing),
    CreateDate: chinaTime(filing.filedAt),
    AuditInfo: auditInfo(filing, desk.now),
    SignIspRegisterDetailList: operators.map((OperatorCode) => ({
      OperatorCode,
      RegisterStatus: state === "approved" ? 3 : -2,
    })),
  });
}

export function querySmsSignList(params: Params, desk: Desk): Answer {
  return listing(params, desk.filings<Sender>("sender"), (filings, paging) =>
    success({
      ...paging,
      SmsSignList: filings.map((filing) => ({
        SignName: filing.key,
        AuditStatus: AUDIT[reviewState(filing, desk.now)],
        CreateDate: chinaTime(filing.filedAt),
        OrderId: orderId(filing),
        Reason: reason(filing, desk.now),
        BusinessType: filing.details.type === "0" ? "验证码类型" : "通用类型",
      })),
    }),
  );
}

export function deleteSmsSign(params: Params, desk: Desk): Answer {
  const name = params.SignName ?? "";
  const filing = desk.filing("sender", name);
  if (filing === undefined) return refusal("isv.SMS_SIGNATURE_ILLEGAL");
  if (reviewState(filing, desk.now) === "reviewing") return refusal("isv.ERROR_SIGN_NOT_DELETE");
  desk.withdraw("sender", name);
  return success({ SignName: name });
}

export function createSmsTemplate(params: Params, desk: Desk): Answer {
  for (const name of ["TemplateName", "TemplateContent", "TemplateType"]) {
    if (!params[name]) return refusal(`Missing${name}`);
  }
  const template: Template = {
    name: params.TemplateName ?? "",
    content: params.TemplateContent ?? "",
    type: Number(params.TemplateType),
    intlType: Number(params.IntlType ?? 0),
    sender: params.RelatedSignName ?? "",
    rule: params.TemplateRule ?? "",
  };
  const code = templateFault(template, desk);
  if (code !== undefined) return refusal(code);
  const filing = desk.file("template", template, (id) => `SMS_${100_000_000 + id}`);
  return success({
    TemplateCode: filing.key,
    TemplateName: template.name,
    OrderId: orderId(filing),
  });
}

/** The code Aliyun would refuse a new template with, or undefined. */
function templateFault(template: Template, desk: Desk): string | undefined {
  const { name, content, type, intlType, sender } = template;
  if (![0, 1, 2, 3].includes(type) || ![0, 1, 2].includes(intlType))
    return "isv.INVALID_PARAMETERS";
  if (name.length > 30 || content.length > 500) return "isv.TEMPLATE_OVER_LIMIT";
  if (type !== 3 && desk.filing("sender", sender) === undefined) return "isv.SMS_SIGNATURE_ILLEGAL";
  const variables = variablesOf(content);
  const rule = parseJson(template.rule || "{}");
  if (!isRecord(rule) || variables.some((variable) => typeof rule[variable] !== "string")) {
    return "isv.INVALID_PARAMETERS";
  }
  if (type === 0 && variables.length !== 1) return "template_parameter_count_illegal";
  const isMislabelled =
    (type === 0 && !CODE_WORDS.test(content)) || (type === 2 && !OPT_OUT_WORDS.test(content));
  return isMislabelled ? "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE" : undefined;
}

export function getSmsTemplate(params: Params, desk: Desk): Answer {
  const filing = desk.filing<Template>("template", params.TemplateCode ?? "");
  if (filing === undefined) return refusal("isv.SMS_TEMPLATE_ILLEGAL");
  const { details } = filing;
  return success({
    TemplateCode: filing.key,
    TemplateName: details.name,
    TemplateContent: details.content,
    TemplateType: String(details.type),
    TemplateStatus: String(STATUS[reviewState(filing, desk.now)]),
    RelatedSignName: details.sender,
    VariableAttribute: details.rule,
    OrderId: orderId(filing),
    CreateDate: chinaTime(filing.filedAt),
    AuditInfo: auditInfo(filing, desk.now),
  });
}

export function querySmsTemplateList(params: Params, desk: Desk): Answer {
  return listing(params, desk.filings<Template>("template"), (filings, paging) =>
    success({
      ...paging,
      SmsTemplateList: filings.map((filing) => ({
        TemplateCode: filing.key,
        TemplateName: filing.details.name,
        TemplateContent: filing.details.content,
        TemplateType: LISTED_TYPE[filing.details.type],
        OuterTemplateType: filing.details.type,
        AuditStatus: AUDIT[reviewState(filing, desk.now)],
        SignatureName: filing.details.sender,
        CreateDate: chinaTime(filing.filedAt),
        OrderId: orderId(filing),
        Reason: reason(filing, desk.now),
      })),
    }),
  );
}

export function deleteSmsTemplate(params: Params, desk: Desk): Answer {
  const code = params.TemplateCode ?? "";
  const filing = desk.filing("template", code);
  if (filing === undefined) return refusal("isv.SMS_TEMPLATE_ILLEGAL");
  if (reviewState(filing, desk.now) === "reviewing")
    return refusal("isv.ERROR_TEMPLATE_NOT_DELETE");
  desk.withdraw("template", code);
  return success({ TemplateCode: code });
}

function listing<Details>(
  params: Params,
  filings: Filing<Details>[],
  answer: (page: Filing<Details>[], paging: Record<string, unknown>) => Answer,
): Answer {
  const page = Number(params.PageIndex ?? 1);
  const size = Number(params.PageSize ?? 10);
  if (!(page >= 1 && size >= 1 && size <= 50)) return refusal("isv.INVALID_PARAMETERS");
  return answer(filings.slice((page - 1) * size, page * size), {
    TotalCount: filings.length,
    CurrentPage: page,
    PageSize: size,
  });
}

const orderId = (filing: Filing<unknown>): string => String(20_000_000_000 + filing.id);

function auditInfo(filing: Filing<unknown>, now: number): Record<string, string> {
  const state = reviewState(filing, now);
  if (state === "reviewing") return {};
  const AuditDate = chinaTime(filing.decidedAt);
  return state === "approved" ? { AuditDate } : { AuditDate, RejectInfo: REJECTION };
}

const reason = (filing: Filing<unknown>, now: number): Record<string, string> =>
  reviewState(filing, now) === "rejected"
    ? { RejectDate: chinaTime(filing.decidedAt), RejectInfo: REJECTION, RejectSubInfo: "" }
    : {};
