import { type Channel, pickVariant, type Template, type Variable } from "./template.ts";

/** The approved texts that stand in for a template's content where a channel doesn't carry it. */
export const fallbacksOf = (
  { storefront, category, content }: Pick<Template, "storefront" | "category" | "content">,
  templates: readonly Template[],
): readonly Template[] => {
  const name = content?.fallback ?? null;
  if (name === null) return [];
  return templates.filter(
    (one) =>
      one.name === name &&
      one.storefront === storefront &&
      one.category === category &&
      one.channel === "sms",
  );
};

/**
 * A template and its fallback, in the order in which they are tried: that of the wanted channels,
 * or else the template's own first. None where none of its channels is wanted.
 */
export function templatesToTry(
  template: Template,
  facts: {
    readonly templates: readonly Template[];
    readonly channels: readonly Channel[] | null;
    readonly locale: string | undefined;
    readonly storefrontLocale: string;
  },
): readonly Template[] {
  const { templates, channels, locale, storefrontLocale } = facts;
  const fallback = pickVariant(fallbacksOf(template, templates), locale, storefrontLocale);
  const own = fallback ? [template, fallback] : [template];
  if (channels === null) return own;
  return [...new Set(channels)].flatMap(
    (channel) => own.find((one) => one.channel === channel) ?? [],
  );
}

/** Of several templates; what the first of them says of a variable holds. */
export const variablesOfAll = (templates: readonly Template[]): readonly Variable[] => {
  const all = templates.flatMap(({ variables }) => variables);
  return all.filter((one, index) => all.findIndex(({ name }) => name === one.name) === index);
};
