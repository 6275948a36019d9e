import type { Category } from "../messages/message.ts";
import type { Region } from "../providers/provider.ts";

export type TemplateStatus = "draft" | "submitted" | "approved" | "rejected";

/** What an account calls a template of ours. */
export interface Binding {
  readonly account: string;
  readonly region: Region;
  readonly providerTemplateId: string;
  readonly status: TemplateStatus;
  /** Variable names in the order in which the vendor takes them. */
  readonly parameters: readonly string[];
}

/** An approved text with named variables; the variants of one name differ by locale. */
export interface Template {
  /** A `tpl_` id. */
  readonly id: string;
  readonly storefront: string;
  readonly name: string;
  readonly category: Category;
  readonly channel: "sms";
  /** A `snd_` id. */
  readonly sender: string;
  readonly locale: string;
  readonly body: string;
  readonly status: TemplateStatus;
  readonly bindings: readonly Binding[];
}

const VARIABLE = /\{\{\s*([a-z][a-z0-9_]*)\s*\}\}/g;

/** Variable names in the order in which they first occur. */
export function variablesOf(body: string): string[] {
  return [...new Set([...body.matchAll(VARIABLE)].map((match) => match[1] ?? ""))];
}

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
