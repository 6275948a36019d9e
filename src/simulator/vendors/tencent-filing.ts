import { refusal, success } from "./tencent-answer.ts";
import { type Answer, type Category, type Desk, type Filing, reviewState } from "./vendor.ts";

export interface Sender {
  readonly name: string;
  readonly international: number;
}

export interface Template {
  readonly name: string;
  readonly content: string;
  /** 1 promotion, 2 notice, 3 code. */
  readonly smsType: number;
  readonly international: number;
}

type Params = Readonly<Record<string, unknown>>;

const REJECTION = "内容不符合审核规范";
const STATUS = { reviewing: 1, approved: 0, rejected: -1 } as const;
const FIRST_TEMPLATE_ID = 1_000_000;

const seconds = (at: number): number => Math.floor(at / 1000);

export const categoryOf = ({ smsType }: Template): Category =>
  smsType === 3 ? "code" : smsType === 1 ? "promotion" : "notice";

/** A name may be filed once at home and once abroad. */
export const senderKey = (name: string, international: number): string =>
  `${international}:${name}`;

const isScope = (value: unknown): value is 0 | 1 => value === 0 || value === 1;

export function addSmsSign(params: Params, desk: Desk): Answer {
  const { SignName: name, International: international } = params;
  for (const field of ["SignName", "SignType", "DocumentType", "International", "SignPurpose"]) {
    if (params[field] === undefined) return refusal("MissingParameter");
  }
  if (typeof name !== "string") return refusal("InvalidParameter");
  if (!isScope(international)) return refusal("InvalidParameterValue.InvalidInternational");
  if (!/^[\p{Script=Han}A-Za-z0-9]{2,12}$/u.test(name)) {
    return refusal("InvalidParameterValue.SignNameLengthTooLong");
  }
  const key = senderKey(name, international);
  const known = desk.filing("sender", key);
  const state = known && reviewState(known, desk.now);
  if (state === "approved") return refusal("InvalidParameterValue.SignAlreadyPassedCheck");
  if (state === "reviewing") return refusal("InvalidParameterValue.SignExistAndUnapproved");
  const filing = desk.file<Sender>("sender", { name, international }, () => key);
  return success({ AddSignStatus: { SignId: filing.id } });
}

export function describeSmsSignList(params: Params, desk: Desk): Answer {
  return listing(params, params.SignIdSet, desk.filings<Sender>("sender"), {
    idOf: (filing) => String(filing.id),
    toItem: (filing) => ({
      SignId: filing.id,
      SignName: filing.details.name,
      International: filing.details.international,
      QualificationId: null,
      QualificationName: "",
      QualificationStatusCode: 1,
      ...review(filing, desk.now),
    }),
    answer: (items) => success({ DescribeSignListStatusSet: items }),
  });
}

function readTemplate(params: Params): Template | string {
  const { TemplateName: name, TemplateContent: content } = params;
  const { SmsType: smsType, International: international } = params;
  const fields = [name, content, smsType, international, params.Remark];
  if (fields.includes(undefined)) return "MissingParameter";
  if (typeof name !== "string" || typeof content !== "string") return "InvalidParameter";
  if (smsType !== 1 && smsType !== 2 && smsType !== 3)
    return "InvalidParameterValue.InvalidUsedMethod";
  if (!isScope(international)) return "InvalidParameterValue.InvalidInternational";
  const isNumbered = [...content.matchAll(/\{([^}]*)\}/g)].every(([, slot]) =>
    /^\d+$/.test(slot ?? ""),
  );
  if (content === "" || content.length > 500 || !isNumbered) {
    return "InvalidParameterValue.InvalidTemplateFormat";
  }
  return { name, content, smsType, international };
}

export function addSmsTemplate(params: Params, desk: Desk): Answer {
  const template = readTemplate(params);
  if (typeof template === "string") return refusal(template);
  const filing = desk.file("template", template, (id) => String(FIRST_TEMPLATE_ID + id));
  return success({ AddTemplateStatus: { TemplateId: filing.key } });
}

export function modifySmsTemplate(params: Params, desk: Desk): Answer {
  const key = String(params.TemplateId);
  const known = desk.filing("template", key);
  if (known === undefined) return refusal("FailedOperation.MissingTemplateToModify");
  if (reviewState(known, desk.now) === "approved") {
    return refusal("FailedOperation.TemplateAlreadyPassedCheck");
  }
  const template = readTemplate(params);
  if (typeof template === "string") return refusal(template);
  desk.file("template", template, () => key);
  return success({ ModifyTemplateStatus: { TemplateId: Number(key) } });
}

export function deleteSmsTemplate(params: Params, desk: Desk): Answer {
  const key = String(params.TemplateId);
  if (desk.filing("template", key) === undefined) {
    return refusal("FailedOperation.TemplateIdNotExist");
  }
  desk.withdraw("template", key);
  return success({
    DeleteTemplateStatus: { DeleteStatus: "return successfully!", DeleteTime: seconds(desk.now) },
  });
}

export function describeSmsTemplateList(params: Params, desk: Desk): Answer {
  return listing(params, params.TemplateIdSet, desk.filings<Template>("template"), {
    idOf: (filing) => filing.key,
    toItem: (filing) => ({
      TemplateId: Number(filing.key),
      TemplateName: filing.details.name,
      TemplateContent: filing.details.content,
      International: filing.details.international,
      ...review(filing, desk.now),
    }),
    answer: (items) => success({ DescribeTemplateStatusSet: items }),
  });
}

const review = (filing: Filing<unknown>, now: number) => {
  const state = reviewState(filing, now);
  return {
    StatusCode: STATUS[state],
    ReviewReply: state === "rejected" ? REJECTION : "",
    CreateTime: seconds(filing.filedAt),
  };
};

/** Filings by id where ids are given, else a page of those of one scope. */
function listing<Details extends { readonly international: number }>(
  params: Params,
  ids: unknown,
  filings: Filing<Details>[],
  shape: {
    idOf: (filing: Filing<Details>) => string;
    toItem: (filing: Filing<Details>) => Record<string, unknown>;
    answer: (items: Record<string, unknown>[]) => Answer;
  },
): Answer {
  const { International: international, Limit: limit = 10, Offset: offset = 0 } = params;
  if (!isScope(international)) return refusal("MissingParameter");
  const inScope = filings.filter((filing) => filing.details.international === international);
  if (Array.isArray(ids) && ids.length > 0) {
    if (ids.length > 100) return refusal("InvalidParameter");
    const wanted = new Set(ids.map(String));
    return shape.answer(
      inScope.filter((filing) => wanted.has(shape.idOf(filing))).map(shape.toItem),
    );
  }
  if (!(Number(limit) >= 0 && Number(limit) <= 100)) {
    return refusal("InvalidParameterValue.LimitVerifyFail");
  }
  if (!(Number(offset) >= 0)) return refusal("InvalidParameterValue.OffsetVerifyFail");
  const page = inScope.slice(Number(offset), Number(offset) + Number(limit));
  return shape.answer(page.map(shape.toItem));
}
