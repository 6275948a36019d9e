import { describe, expect, it } from "vitest";
import {
  type PersonalizeDeps,
  personalize,
  type TextDraft,
} from "../../src/dispatch/personalize.ts";
import { DAY } from "../../src/lib/time.ts";
import type { NewLink } from "../../src/links/link.ts";
import type { Product } from "../../src/products/product.ts";
import type { Storefront } from "../../src/storefronts/storefront.ts";
import { plainVariable, type Template, type Variable } from "../../src/templates/template.ts";

const NOW = Date.UTC(2026, 5, 1);
const STOREFRONT: Storefront = {
  id: "sto_1",
  name: "Shop",
  domain: "shop.example",
  defaultCountry: "CN",
  timezone: "Asia/Shanghai",
  locale: "zh-CN",
  currency: "CNY",
  sender: "snd_1",
};
const URL_VARIABLE: Variable = { ...plainVariable("link"), type: "url", shorten: null };

function aTemplate(variables: readonly Variable[], category: Template["category"] = "marketing") {
  const template: Template = {
    id: "tpl_1",
    storefront: "sto_1",
    name: "sale",
    category,
    channel: "sms",
    locale: "zh-CN",
    version: 1,
    sender: "snd_1",
    body: variables.map(({ name }) => `{{${name}}}`).join(" "),
    variables,
    bindings: [],
  };
  return template;
}

let made = 0;
const aDraft = (template: Template, variables: object, change: Partial<TextDraft> = {}) => {
  const e164 = `+861390000${1_000 + ++made}`;
  const draft: TextDraft = {
    id: `msg_${made}`,
    template,
    e164,
    toIndex: `1.${e164}`,
    campaign: null,
    plannedAt: NOW,
    variables: { ...variables },
    ...change,
  };
  return draft;
};

/** Deps that remember what they were asked for. */
function aWorld(products: Readonly<Record<string, Product>> = {}) {
  const links: NewLink[] = [];
  const asked: string[][] = [];
  const deps: PersonalizeDeps = {
    async shorten(_, wanted) {
      links.push(...wanted);
      return wanted.map((_link, index) => ({ code: `${index}`, url: `https://s/l/${index}` }));
    },
    async recommend(_, numbers) {
      asked.push([...numbers]);
      return new Map(Object.entries(products));
    },
  };
  const run = (...drafts: TextDraft[]) => personalize(deps, STOREFRONT, drafts);
  return { links, asked, run };
}

describe("a URL in a text", () => {
  it("is a short link of the recipient's own, and is judged by where it leads", async () => {
    const world = aWorld();
    const template = aTemplate([plainVariable("name"), URL_VARIABLE]);
    const variables = { name: "Li", link: "https://shop.example/a" };
    const campaign = { campaign: "cmp_1", variant: "b" };
    const [one, two] = [aDraft(template, variables), aDraft(template, variables, { campaign })];
    expect(await world.run(one, two)).toEqual([
      {
        variables: { name: "Li", link: "https://s/l/0" },
        codes: { link: "0" },
        targets: { link: variables.link },
        unfit: [],
      },
      {
        variables: { name: "Li", link: "https://s/l/1" },
        codes: { link: "1" },
        targets: { link: variables.link },
        unfit: [],
      },
    ]);
    const utm = "https://shop.example/a?utm_source=sms&utm_medium=marketing&utm_campaign=";
    expect(world.links).toEqual([
      {
        storefront: "sto_1",
        target: `${utm}sale`,
        message: one.id,
        campaign: null,
        variant: null,
        toIndex: one.toIndex,
        expiresAt: NOW + 90 * DAY,
      },
      {
        storefront: "sto_1",
        target: `${utm}cmp_1`,
        message: two.id,
        campaign: "cmp_1",
        variant: "b",
        toIndex: two.toIndex,
        expiresAt: NOW + 90 * DAY,
      },
    ]);
  });

  it.each<[string, Template["category"], Partial<Variable>, boolean]>([
    ["in an offer", "marketing", {}, true],
    ["in an offer that says no", "marketing", { shorten: false }, false],
    ["in a notification", "notification", {}, false],
    ["in a notification's slot", "notification", { slot: "detail" }, true],
    ["in a slot that says no", "notification", { slot: "detail", shorten: false }, false],
    ["in a notification that asks for it", "notification", { shorten: true }, true],
    ["of a version from before", "marketing", { shorten: undefined as never }, false],
    ["where any text may stand", "marketing", { type: "text", shorten: true }, false],
  ])("%s", async (_, category, change, isShort) => {
    const world = aWorld();
    const template = aTemplate([{ ...URL_VARIABLE, ...change }], category);
    await world.run(aDraft(template, { link: "https://shop.example/a" }));
    expect(world.links.length).toBe(isShort ? 1 : 0);
  });

  it("that the text brings along is shortened as well where a request gives none", async () => {
    const world = aWorld();
    const template = aTemplate([{ ...URL_VARIABLE, fallback: "https://shop.example/all" }]);
    const [made] = await world.run(aDraft(template, { link: "" }));
    expect(made?.variables).toEqual({ link: "https://s/l/0" });
    expect(world.links[0]?.target).toMatch(/^https:\/\/shop\.example\/all\?utm_source=sms/);
  });

  it("that can be no short link refuses its text, and a missing one is left to the text's rules", async () => {
    const world = aWorld();
    const template = aTemplate([URL_VARIABLE]);
    const long = `https://shop.example/${"x".repeat(1_000)}`;
    const values = ["javascript:x", "https://a:b@shop.example/", long, 7, ""];
    const made = await world.run(...values.map((link) => aDraft(template, { link })));
    expect(made.map(({ unfit }) => unfit)).toEqual([["link"], ["link"], ["link"], [], []]);
    expect(made.map(({ variables }) => variables.link)).toEqual(values);
    expect(world.links).toEqual([]);
  });
});

describe("a recommendation in a text", () => {
  const name: Variable = { ...plainVariable("product"), maxLength: 4, source: "recommendation" };
  const link: Variable = { ...URL_VARIABLE, source: "recommendation" };
  const tea: Product = {
    id: "tea",
    name: "西湖龙井茶叶",
    url: "https://shop.example/tea",
    available: true,
  };

  it("is one product, its name cut to fit and its address shortened", async () => {
    const template = aTemplate([name, link]);
    const draft = aDraft(template, {});
    const world = aWorld({ [draft.e164]: tea });
    const [made] = await world.run(draft);
    expect(made).toMatchObject({
      variables: { product: "西湖龙井", link: "https://s/l/0" },
      targets: { link: "https://shop.example/tea" },
    });
  });

  it("gives way to what the request says, and nobody is asked", async () => {
    const template = aTemplate([name]);
    const draft = aDraft(template, { product: "茶杯" });
    const world = aWorld({ [draft.e164]: tea });
    expect((await world.run(draft))[0]?.variables).toEqual({ product: "茶杯" });
    expect(world.asked).toEqual([]);
  });

  it("leaves the place empty where there is none, and asks once for all", async () => {
    const template = aTemplate([name]);
    const [one, two] = [aDraft(template, {}), aDraft(template, { product: " " })];
    const world = aWorld({ [two.e164]: tea });
    const made = await world.run(one, two);
    expect(made.map(({ variables }) => variables)).toEqual([{}, { product: "西湖龙井" }]);
    expect(world.asked).toEqual([[one.e164, two.e164]]);
  });
});
