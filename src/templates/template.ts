import type { Category } from "../messages/message.ts";
import type { Region } from "../providers/provider.ts";

export type TemplateStatus = "draft" | "submitted" | "approved" | "rejected";

export type Channel = "sms" | "video_sms" | "rcs";

/** A named place in a text and what may stand there. */
export interface Variable {
  readonly name: string;
  readonly type: "text" | "digits" | "amount" | "url";
  /** Characters at most. */
  readonly maxLength: number;
  /** Stands in when the value is missing; null: a missing value refuses the message. */
  readonly fallback: string | null;
  /** A call to action: open the app, see details, reach the service desk. */
  readonly slot: "app" | "detail" | "service" | null;
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
}

/** One edition of a text; once written it never changes. */
export interface TemplateVersion {
  readonly version: number;
  /** A `snd_` id. */
  readonly sender: string;
  readonly body: string;
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

const VARIABLE = /\{\{\s*([a-z][a-z0-9_]*)\s*\}\}/g;

/** Variable names in the order in which they first occur. */
export function variablesOf(body: string): string[] {
  return [...new Set([...body.matchAll(VARIABLE)].map((match) => match[1] ?? ""))];
}

/** What holds of a variable that nothing else is said of. */
export const plainVariable = (name: string): Variable => ({
  name,
  type: "text",
  maxLength: 100,
  fallback: null,
  slot: null,
});

/** The text with each variable's value in its place. A name without a value stays as it is. */
export function render(body: string, values: Readonly<Record<string, string>>): string {
  return body.replace(VARIABLE, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
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
