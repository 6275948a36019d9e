import { DAY } from "../lib/time.ts";
import type { NewLink } from "../links/link.ts";
import { readTarget, withUtm } from "../links/target.ts";
import type { Product } from "../products/product.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { shortens, type Template, type Variable } from "../templates/template.ts";

/** How long a text's link leads where it says. */
const LINK_LIFE = 90 * DAY;

type Values = Readonly<Record<string, unknown>>;

/** A text of one recipient, before it is written. */
export interface TextDraft {
  /** The `msg_` id that it will have. */
  readonly id: string;
  readonly template: Template;
  readonly e164: string;
  readonly toIndex: string;
  readonly campaign: { readonly campaign: string; readonly variant: string } | null;
  readonly plannedAt: number;
  readonly variables: Values;
}

export interface PersonalizeDeps {
  /** A product for each number, by E.164, as far as there is one. */
  readonly recommend: (
    storefront: string,
    numbers: readonly string[],
  ) => Promise<ReadonlyMap<string, Product>>;
  /** A short link for each, in their order. */
  readonly shorten: (
    storefront: Storefront,
    links: readonly NewLink[],
  ) => Promise<readonly { readonly code: string; readonly url: string }[]>;
}

export interface Personalized {
  readonly variables: Values;
  /** The codes of its short links, by variable: what vendors take as the value. */
  readonly codes: Readonly<Record<string, string>>;
  /** Variables whose value should be a short link and can be none. */
  readonly unfit: readonly string[];
  /** Where its short links lead, by variable: that is what the text says, however it is written. */
  readonly targets: Readonly<Record<string, string>>;
}

const isMissing = (value: unknown): boolean =>
  value === undefined || (typeof value === "string" && value.trim() === "");

const wantsProduct = ({ variables }: TextDraft, { name, source }: Variable): boolean =>
  source === "recommendation" && isMissing(variables[name]);

const isPersonal = (draft: TextDraft): boolean =>
  draft.template.variables.some(
    (one) => shortens(draft.template.category, one) || wantsProduct(draft, one),
  );

/** Values that fit, for a catalogue has names of any length. */
function productValue({ type, maxLength }: Variable, product: Product): string {
  if (type === "url") return product.url ?? "";
  return [...product.name].slice(0, maxLength).join("");
}

function withProduct(draft: TextDraft, product: Product | undefined): TextDraft {
  if (!product) return draft;
  const found = draft.template.variables
    .filter((variable) => wantsProduct(draft, variable))
    .map((variable) => [variable.name, productValue(variable, product)]);
  return { ...draft, variables: { ...draft.variables, ...Object.fromEntries(found) } };
}

interface PlannedLink {
  readonly name: string;
  /** As it was given. */
  readonly url: string;
  readonly link: NewLink;
}

/** The addresses that are to be short links, as they are given or stand in for what is not. */
const addressesIn = ({ template, variables }: TextDraft) =>
  template.variables
    .filter((variable) => shortens(template.category, variable))
    .flatMap(({ name, fallback }) => {
      const given = Object.hasOwn(variables, name) ? variables[name] : undefined;
      const url = isMissing(given) ? fallback : given;
      return typeof url === "string" ? { name, url, target: readTarget(url) } : [];
    });

function linksIn(storefront: Storefront, draft: TextDraft): PlannedLink[] {
  const { template } = draft;
  return addressesIn(draft).flatMap(({ name, url, target }) => {
    if (target === null) return [];
    const campaign = draft.campaign?.campaign ?? null;
    const utm = { source: "sms", medium: template.category, campaign: campaign ?? template.name };
    const link: NewLink = {
      storefront: storefront.id,
      target: withUtm(target, utm),
      message: draft.id,
      campaign,
      variant: draft.campaign?.variant ?? null,
      toIndex: draft.toIndex,
      expiresAt: draft.plannedAt + LINK_LIFE,
    };
    return { name, url, link };
  });
}

/**
 * The values of each text, in their order: with products that suit, and with short links in place
 * of URLs that are to be counted. What can't be one stays as it was given.
 */
export async function personalize(
  deps: PersonalizeDeps,
  storefront: Storefront,
  drafts: readonly TextDraft[],
): Promise<readonly Personalized[]> {
  if (!drafts.some(isPersonal)) {
    return drafts.map(({ variables }) => ({ variables, codes: {}, unfit: [], targets: {} }));
  }
  const wanting = drafts.filter((draft) =>
    draft.template.variables.some((variable) => wantsProduct(draft, variable)),
  );
  const products =
    wanting.length > 0
      ? await deps.recommend(storefront.id, [...new Set(wanting.map(({ e164 }) => e164))])
      : new Map<string, Product>();
  const filled = drafts.map((draft) => withProduct(draft, products.get(draft.e164)));
  const planned = filled.map((draft) => linksIn(storefront, draft));
  const wanted = planned.flat().map(({ link }) => link);
  const made = wanted.length > 0 ? await deps.shorten(storefront, wanted) : [];
  let next = 0;
  return filled.map((draft, index) => {
    const own = (planned[index] ?? []).map((one) => {
      const link = made[next++];
      if (!link) throw new Error("a link was lost");
      return { name: one.name, target: one.url, short: link.url, code: link.code };
    });
    const by = (field: "short" | "code" | "target") =>
      Object.fromEntries(own.map((one) => [one.name, one[field]]));
    return {
      variables: { ...draft.variables, ...by("short") },
      codes: by("code"),
      targets: by("target"),
      unfit: addressesIn(draft).flatMap(({ name, target }) => (target === null ? name : [])),
    };
  });
}
