import type { Category } from "../messages/message.ts";
import type { Channel, Region } from "../providers/provider.ts";
import { partsOf } from "./body.ts";
import type { RichContent } from "./rich-content.ts";

export const TEMPLATE_STATUSES = ["draft", "submitted", "approved", "rejected"] as const;
export type TemplateStatus = (typeof TEMPLATE_STATUSES)[number];

export type { Channel };

export const VARIABLE_TYPES = ["text", "digits", "amount", "url"] as const;
export const VARIABLE_SLOTS = ["app", "detail", "service"] as const;
export const VARIABLE_SOURCES = ["recommendation"] as const;

/** A named place in a text and what may stand there. */
export interface Variable {
  readonly name: string;
  readonly type: (typeof VARIABLE_TYPES)[number];
  /** Characters at most. */
  readonly maxLength: number;
  /** Stands in when the value is missing; null: a missing value refuses the message. */
  readonly fallback: string | null;
  /** A call to action: open the app, see details, reach the service desk. */
  readonly slot: (typeof VARIABLE_SLOTS)[number] | null;
  /**
   * Whether a URL becomes a short link of the recipient's own; null: as `shortens` decides. Of a
   * version that was filed before there were such links nothing is said.
   */
  readonly shorten?: boolean | null;
  /** Where a value comes from that a request does not give. */
  readonly source?: (typeof VARIABLE_SOURCES)[number] | null;
}

/** What an account calls a version of a template. */
export interface Binding {
  readonly account: string;
  readonly region: Region;
  /** Empty where the vendor takes any text. */
  readonly providerTemplateId: string;
  readonly status: TemplateStatus;
  readonly detail: string | null;
  /** Variable names in the order in which the vendor takes them. */
  readonly parameters: readonly string[];
  /** What an offer was filed with around its body (`writeFrame`); empty or left out: nothing is said. */
  readonly frame?: string;
}

/** One edition of a text; once written it never changes. */
export interface TemplateVersion {
  readonly version: number;
  /** A `snd_` id. */
  readonly sender: string;
  /** Of structured content: all its texts, line by line. */
  readonly body: string;
  /** Null or left out: the body is all there is. */
  readonly content?: RichContent | null;
  readonly variables: readonly Variable[];
  readonly bindings: readonly Binding[];
}

/** What stays the same over a template's versions. The variants of one name differ by locale. */
export interface TemplateHead {
  /** A `tpl_` id. */
  readonly id: string;
  readonly storefront: string;
  readonly name: string;
  readonly category: Category;
  readonly channel: Channel;
  readonly locale: string;
}

/** A template as it is sent: its newest approved version. */
export type Template = TemplateHead & TemplateVersion;

/** Variable names in the order in which they first occur. */
export function variablesOf(body: string): string[] {
  const names = partsOf(body).flatMap((part) => (typeof part === "string" ? [] : part.name));
  return [...new Set(names)];
}

/** What holds of a variable that nothing else is said of. */
export const plainVariable = (name: string): Variable => ({
  name,
  type: "text",
  maxLength: 100,
  fallback: null,
  slot: null,
});

/** A URL that calls for action is to be counted: in an offer, or in a slot made for it. */
export const shortens = (category: Category, { type, shorten, slot }: Variable): boolean =>
  type === "url" &&
  shorten !== undefined &&
  (shorten ?? (category === "marketing" || slot !== null));

/**
 * The body as vendors take it: they allow no whole address in a variable, so of a short link the
 * code alone varies.
 */
export const withLinkPrefix = (
  { category, body, variables }: Pick<Template, "category" | "body" | "variables">,
  prefix: string,
): string => {
  const short = variables.filter((one) => shortens(category, one)).map(({ name }) => name);
  return partsOf(body)
    .map((part) => {
      if (typeof part === "string") return part;
      return short.includes(part.name) ? prefix + part.source : part.source;
    })
    .join("");
};

/** The text with each value, or else its fallback, in its place. A name with neither stays as it is. */
export function render(body: string, values: Readonly<Record<string, string>>): string {
  return partsOf(body)
    .map((part) => {
      if (typeof part === "string") return part;
      const value = Object.hasOwn(values, part.name) ? values[part.name] : undefined;
      return value ?? part.fallback ?? part.source;
    })
    .join("");
}

/** The order in which variants of a template are tried: exact, language, storefront's, English. */
export function localeChain(wanted: string | undefined, storefront: string): string[] {
  const chain = wanted ? [wanted, wanted.split("-")[0] ?? wanted] : [];
  return [...new Set([...chain, storefront, "en"].map((locale) => locale.toLowerCase()))];
}

/** The variant that fits best, or the first by name when no locale fits at all. */
export function pickVariant<T extends { readonly locale: string }>(
  variants: readonly T[],
  wanted: string | undefined,
  storefrontLocale: string,
): T | undefined {
  for (const locale of localeChain(wanted, storefrontLocale)) {
    const exact = variants.find((variant) => variant.locale.toLowerCase() === locale);
    if (exact) return exact;
    const language = variants.find(
      (variant) => variant.locale.toLowerCase().split("-")[0] === locale,
    );
    if (language) return language;
  }
  return variants[0];
}
