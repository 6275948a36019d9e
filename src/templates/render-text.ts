import { fail, ok, type Result } from "../lib/result.ts";
import { partsOf } from "./body.ts";
import { plainVariable, type TemplateVersion, type Variable } from "./template.ts";

export type ValueFault =
  | "missing"
  | "not-text"
  | "control-characters"
  | "too-long"
  | "not-digits"
  | "not-an-amount"
  | "not-a-url";

export interface RefusedVariable {
  readonly name: string;
  readonly why: ValueFault;
}

export interface RenderedText {
  /** Without the signature. */
  readonly text: string;
  /** By name, as they stand in the text: for vendors that take parameters. */
  readonly values: Readonly<Record<string, string>>;
}

/** Why a value is refused, in the words of an answer. */
export const VALUE_FAULTS: Readonly<Record<ValueFault, { en: string; zh: string }>> = {
  missing: { en: "has no value and no fallback", zh: "缺少变量值且无默认值" },
  "not-text": { en: "must be a text or a number", zh: "须为文本或数字" },
  "control-characters": { en: "holds a control character", zh: "含有控制字符" },
  "too-long": { en: "is longer than its max_length", zh: "超过最大长度" },
  "not-digits": { en: "must be digits", zh: "须为数字" },
  "not-an-amount": { en: "must be an amount such as 1,299.00", zh: "须为金额，如 1,299.00" },
  "not-a-url": { en: "must be an http(s) URL", zh: "须为 http(s) 链接" },
};

// Line and paragraph separators break a line as a control character would.
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const AMOUNT = /^[¥￥$€£]?\d+(?:,\d{3})*(?:\.\d{1,4})?$/;

function isUrl(text: string): boolean {
  if (!/^https?:\/\/\S+$/i.test(text)) return false;
  return URL.canParse(text);
}

const FITS: Readonly<Record<Variable["type"], (text: string) => boolean>> = {
  text: () => true,
  digits: (text) => /^\d+$/.test(text),
  amount: (text) => AMOUNT.test(text),
  url: isUrl,
};

const MISFITS = {
  text: "not-text",
  digits: "not-digits",
  amount: "not-an-amount",
  url: "not-a-url",
} as const;

/** Why a text may not stand for the variable, or null. Its length counts code points. */
export function valueFault(variable: Variable, text: string): ValueFault | null {
  if (!text.isWellFormed() || CONTROL.test(text)) return "control-characters";
  const { maxLength, type } = variable;
  if (text.length > maxLength && [...text].length > maxLength) return "too-long";
  return FITS[type](text) ? null : MISFITS[type];
}

/** What programs write where they have nothing. */
const NOTHING = new Set(["", "undefined", "NaN", "[object Object]"]);

function readValue(
  variable: Variable,
  values: Readonly<Record<string, unknown>>,
): Result<string, ValueFault> {
  const given = Object.hasOwn(values, variable.name) ? values[variable.name] : "";
  const text = typeof given === "number" && Number.isFinite(given) ? String(given) : given;
  if (typeof text !== "string") return fail("not-text");
  // Blanks would leave the same hole in the text as nothing.
  if (NOTHING.has(text.trim())) {
    return variable.fallback === null ? fail("missing") : ok(variable.fallback);
  }
  const why = valueFault(variable, text);
  return why ? fail(why) : ok(text);
}

/**
 * The text with each value in its place, or every variable that can't be filled. A value is never
 * read as a template again; values that the text has no place for are left out.
 */
export function renderText(
  template: Pick<TemplateVersion, "body" | "variables">,
  values: Readonly<Record<string, unknown>>,
): Result<RenderedText, readonly RefusedVariable[]> {
  const used: Record<string, string> = {};
  const refused: RefusedVariable[] = [];
  let text = "";
  for (const part of partsOf(template.body)) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    const { name, fallback } = part;
    if (!Object.hasOwn(used, name)) {
      const known = template.variables.find((one) => one.name === name) ?? plainVariable(name);
      const variable = known.fallback === null ? { ...known, fallback } : known;
      const value = readValue(variable, values);
      if (!value.ok) refused.push({ name, why: value.error });
      used[name] = value.ok ? value.value : "";
    }
    text += used[name];
  }
  return refused.length > 0 ? fail(refused) : ok({ text, values: used });
}
