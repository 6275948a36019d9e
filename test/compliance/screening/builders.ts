import {
  type ContentRules,
  checkMessage,
  checkTemplate,
} from "../../../src/compliance/screening/check-content.ts";
import {
  type ContentPoliciesPatch,
  defaultContentPolicies,
  mergeContentPolicies,
} from "../../../src/compliance/screening/policies.ts";
import { buildWordList, type Word } from "../../../src/compliance/screening/words.ts";
import type { Category } from "../../../src/messages/message.ts";
import { plainVariable, type Variable, variablesOf } from "../../../src/templates/template.ts";

/** The default rules of a storefront, with some words of its own and some policies changed. */
export const someRules = (
  own: readonly Word[] = [],
  change: ContentPoliciesPatch = {},
): ContentRules => ({
  policies: mergeContentPolicies(defaultContentPolicies, change),
  words: buildWordList(own),
  domain: "shop.example",
});

const RULES = someRules();

export interface Setting {
  readonly category?: Category;
  readonly rules?: ContentRules;
  /** What is declared of variables; the others take any text. */
  readonly variables?: readonly Partial<Variable>[];
}

const textOf = (body: string, { category = "notification", variables = [] }: Setting) => ({
  category,
  body,
  variables: variablesOf(body).map((name) => ({
    ...plainVariable(name),
    ...variables.find((one) => one.name === name),
  })),
});

/** What is found in a template. */
export const inTemplate = (body: string, setting: Setting = {}) =>
  checkTemplate(setting.rules ?? RULES, textOf(body, setting));

/** What a message's values bring into a template. */
export const inMessage = (
  body: string,
  values: Readonly<Record<string, string>>,
  setting: Setting = {},
) => checkMessage(setting.rules ?? RULES, textOf(body, setting), values);

/** What one value brings into an order's text. */
export const inValue = (value: string, setting: Setting = {}) =>
  inMessage("订单{{no}}已发出。", { no: value }, setting);

export const kindsOf = (found: readonly { readonly kind: string }[]): string[] =>
  found.map((one) => one.kind);
