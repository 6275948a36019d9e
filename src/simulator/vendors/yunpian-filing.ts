import { type Answer, type Category, type Desk, type Filing, reviewState } from "./vendor.ts";
import { refusal, success } from "./yunpian-answer.ts";

export interface Sender {
  readonly onlyGlobal: boolean;
}

export interface Template {
  /** With its signature in front. */
  readonly content: string;
  readonly isCode: boolean;
  readonly region: "domestic" | "abroad" | "global";
}

type Params = Readonly<Record<string, string>>;

const STATUS = { reviewing: "CHECKING", approved: "SUCCESS", rejected: "FAIL" } as const;
const FIRST_TEMPLATE_ID = 5_000_000;

/** The sender at the start of a text or template, undefined where it has none. */
export const senderOf = (text: string): string | undefined => /^【([^【】]+)】/.exec(text)?.[1];

export const categoryOf = ({ content, isCode }: Template): Category =>
  isCode ? "code" : /退订|拒收/.test(content) ? "promotion" : "notice";

const VARIABLE = /#([^#\s]+)#/;

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** What a text must look like to be one of a template's: every variable holds something. */
export function patternOf({ content }: Template): RegExp {
  const parts = content.split(VARIABLE);
  const fixed = parts.filter((_, index) => index % 2 === 0);
  return new RegExp(`^${fixed.map(literally).join("[^]+?")}$`);
}

/** A template's text with its variables in place, undefined where a value is missing. */
export function fill({ content }: Template, values: URLSearchParams): string | undefined {
  const parts = content.split(VARIABLE);
  const filled = parts.map((part, index) =>
    index % 2 === 0 ? part : (values.get(`#${part}#`) ?? ""),
  );
  return filled.some((part, index) => index % 2 === 1 && part === "") ? undefined : filled.join("");
}

export function addSign(params: Params, desk: Desk): Answer {
  const { sign, is_only_global: onlyGlobal = "false" } = params;
  if (!sign) return refusal("1", "参数 sign 缺失");
  if (!/^[^【】\s]{2,20}$/u.test(sign)) return refusal("16");
  const known = desk.filing("sender", sign);
  if (known && reviewState(known, desk.now) !== "rejected") return refusal("-54");
  desk.file<Sender>("sender", { onlyGlobal: onlyGlobal === "true" }, () => sign);
  const filed = { apply_state: STATUS.reviewing, sign, is_apply_vip: false, industry_type: "" };
  return success({
    code: 0,
    msg: "OK",
    sign: { ...filed, is_only_global: onlyGlobal === "true" },
  });
}

export function getSigns(params: Params, desk: Desk): Answer {
  const filings = desk
    .filings<Sender>("sender")
    .filter(({ key }) => params.sign === undefined || params.sign === key);
  const sign = paged(params, filings).map((filing) => ({
    chan: null,
    check_status: STATUS[reviewState(filing, desk.now)],
    enabled: reviewState(filing, desk.now) === "approved",
    extend: "",
    industry_type: "",
    only_global: filing.details.onlyGlobal,
    remark: null,
    sign: filing.key,
    vip: false,
  }));
  return success({ code: 0, msg: "OK", total: filings.length, sign });
}

const isRegion = (text: string): text is Template["region"] =>
  ["domestic", "abroad", "global"].includes(text);

export function addTemplate(params: Params, desk: Desk): Answer {
  const { tpl_content: content, tpl_type: type = "0", region = "domestic" } = params;
  if (!content) return refusal("1", "参数 tpl_content 缺失");
  if (!["0", "1"].includes(type)) return refusal("2", "参数 tpl_type 格式不正确");
  if (!isRegion(region)) return refusal("2", "参数 region 格式不正确");
  const sender = senderOf(content);
  if (sender === undefined) return refusal("6", "模板开头必须带签名");
  if (desk.filing("sender", sender) === undefined) return refusal("15");
  const template: Template = { content, isCode: type === "1", region };
  const key = (id: number) => String(FIRST_TEMPLATE_ID + id);
  return success(shown(desk.file("template", template, key), desk.now));
}

/** One template by its id, or a page of all. */
export function getTemplates(params: Params, desk: Desk): Answer {
  const { tpl_id: id } = params;
  if (id === undefined) {
    const page = paged(params, desk.filings<Template>("template"));
    return success(page.map((filing) => shown(filing, desk.now)));
  }
  const filing = desk.filing<Template>("template", id);
  return filing ? success(shown(filing, desk.now)) : refusal("5", "未找到对应id的模板");
}

function shown(filing: Filing<Template>, now: number): Record<string, unknown> {
  const state = reviewState(filing, now);
  return {
    tpl_id: filing.key,
    tpl_content: filing.details.content,
    check_status: STATUS[state],
    reason: state === "rejected" ? "内容不符合审核规范" : null,
    lang: null,
    country_code: null,
  };
}

/** The page that is asked for, of twenty unless told otherwise and of a hundred at most. */
export function paged<Item>(params: Params, items: readonly Item[]): readonly Item[] {
  const page = Math.max(1, Number(params.page_num ?? 1) || 1);
  const size = Math.min(100, Math.max(1, Number(params.page_size ?? 20) || 20));
  return items.slice((page - 1) * size, page * size);
}
