import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { type ComposeDeps, composeText } from "../../src/dispatch/compose-text.ts";
import type { Account } from "../../src/routing/account.ts";
import { templatesToTry } from "../../src/templates/fallback.ts";
import type { RichContent } from "../../src/templates/rich-content.ts";
import { type Channel, plainVariable, type Template } from "../../src/templates/template.ts";
import { someRules } from "../compliance/screening/builders.ts";
import { aContext, aRule } from "../routing/builders.ts";
import { aBinding, anAccount } from "./builders.ts";

const { keys } = depsOf(env);
const texts = anAccount("aliyun", { prices: { "*": { amount: "0.05", currency: "CNY" } } });
const { provider } = anAccount("twilio");
/** A vendor as there may be one: it carries RCS and nothing else. */
const rich = anAccount("twilio", {
  id: "acc_rich",
  provider: { ...provider, regions: ["domestic"], channels: ["rcs"] },
});

const card = (fallback: string | null): RichContent => ({
  type: "text",
  text: "{{name}}，周年庆开始了",
  suggestions: [],
  fallback,
});

const aTemplate = (change: Partial<Template>): Template => ({
  id: "tpl_rich",
  storefront: "sto_1",
  name: "anniversary",
  category: "notification",
  channel: "rcs",
  locale: "zh-CN",
  version: 1,
  sender: "snd_1",
  body: "{{name}}，周年庆开始了",
  content: card("anniversary-text"),
  variables: [plainVariable("name")],
  bindings: [aBinding("acc_rich")],
  ...change,
});

const fallback = aTemplate({
  id: "tpl_text",
  name: "anniversary-text",
  channel: "sms",
  version: 3,
  body: "{{name}}，周年庆开始了，券码{{coupon}}",
  content: null,
  variables: [plainVariable("name"), plainVariable("coupon")],
  bindings: [aBinding("acc_aliyun")],
});

function composed(facts: {
  readonly accounts?: readonly Account[];
  readonly template?: Partial<Template>;
  readonly others?: readonly Template[];
  readonly channels?: readonly Channel[] | null;
  readonly variables?: Readonly<Record<string, string>>;
}) {
  const { accounts = [texts], others = [fallback], channels = null } = facts;
  const { variables = { name: "李雷", coupon: "A1" } } = facts;
  const template = aTemplate(facts.template ?? {});
  const deps: ComposeDeps = {
    keys,
    senders: [{ id: "snd_1", storefront: "sto_1", name: "Shop" }],
    accounts,
    routes: [aRule("priority", { acc_aliyun: 1, acc_rich: 1 })],
    routeContext: (unfit) => aContext(accounts, { unfit }),
    frameOf: () => ({ before: "", behind: "" }),
  };
  const where = { channels, locale: undefined, storefrontLocale: "zh-CN" };
  const found = composeText(deps, {
    templates: templatesToTry(template, { ...where, templates: [template, ...others] }),
    phone: { e164: "+8613800138000", country: "CN" },
    said: { variables, codes: {}, unfit: [], targets: {}, content: someRules() },
  });
  if (!found.ok) return { refused: found.error, template: null, steps: [] };
  const { template: chosen, accounts: route, steps, ...text } = found.value;
  return { ...text, refused: null, template: chosen.id, route: route.map(({ id }) => id), steps };
}

describe("content with a text that stands in for it", () => {
  it("goes out as it is where somebody carries its channel", () => {
    const found = composed({ accounts: [texts, rich] });
    expect(found).toMatchObject({ template: "tpl_rich", route: ["acc_rich"], segments: 0 });
    expect(found.steps.map(({ step }) => step)).toEqual(["route"]);
  });

  it("goes out as that text where nobody does: its length, its accounts, and why", () => {
    const found = composed({});
    expect(found).toMatchObject({
      template: "tpl_text",
      route: ["acc_aliyun"],
      text: "【Shop】李雷，周年庆开始了，券码A1",
      segments: 1,
    });
    expect(found.steps).toMatchObject([
      { step: "route", verdict: "no-route" },
      {
        step: "channel",
        verdict: "sms",
        en: "Nobody carries the RCS messages of “anniversary” to this number: “anniversary-text” goes out instead.",
        zh: "没有账号可向该号码发送“anniversary”的 RCS 消息，改为发送“anniversary-text”。",
      },
      { step: "route", verdict: "aliyun" },
    ]);
  });

  it("waits for its own account while that is only stopped", () => {
    const why = { en: "Stopped.", zh: "已停用。" };
    const found = composed({ accounts: [texts, { ...rich, stopped: why }] });
    expect(found).toMatchObject({ template: "tpl_rich", route: ["acc_rich"] });
  });

  it.each<[string, Parameters<typeof composed>[0]]>([
    ["names none", { template: { content: card(null) } }],
    ["names one that is not approved", { others: [] }],
    ["names one of another shop", { others: [{ ...fallback, storefront: "sto_2" }] }],
    ["names one of another kind", { others: [{ ...fallback, category: "marketing" }] }],
    ["may not go as a text", { channels: ["rcs", "video_sms"] }],
    ["names one that nobody carries either", { others: [{ ...fallback, bindings: [] }] }],
  ])("has no route where it %s", (_, facts) => {
    const found = composed(facts);
    expect(found).toMatchObject({ template: "tpl_rich", route: [], segments: 0 });
    expect(found.steps.every(({ verdict }) => verdict === "no-route")).toBe(true);
  });

  it("goes by the first of the channels that a request names", () => {
    const accounts = [texts, rich];
    expect(composed({ accounts, channels: ["sms", "rcs"] })).toMatchObject({
      template: "tpl_text",
      steps: [{ step: "route", verdict: "aliyun" }],
    });
    expect(composed({ accounts, channels: ["rcs", "sms"] }).template).toBe("tpl_rich");
    expect(composed({ accounts: [rich], channels: ["sms", "rcs"] }).template).toBe("tpl_rich");
  });

  it("is refused where the text lacks a value", () => {
    const variables = { name: "李雷" };
    expect(composed({ variables }).refused).toEqual([{ name: "coupon", why: "missing" }]);
    expect(composed({ variables, accounts: [rich] }).template).toBe("tpl_rich");
  });

  it("is not tried as a text when its own words must not go out", () => {
    const bad = { name: "加微信13800138000", coupon: "A1" };
    expect(composed({ variables: bad })).toMatchObject({ template: "tpl_rich", route: [] });
  });
});
