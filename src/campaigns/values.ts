import { Temporal } from "temporal-polyfill";
import type { Attributes } from "../contacts/attributes.ts";
import { partsOf } from "../templates/body.ts";
import { type CampaignVariant, endOfOffer, type Offer } from "./campaign.ts";

type Values = Readonly<Record<string, string>>;

function textsOf(facts: Readonly<Record<string, unknown>>): Values {
  const texts = Object.entries(facts).flatMap(([name, value]) => {
    if (Array.isArray(value)) return [[name, value.join("、")] as const];
    return ["string", "number", "boolean"].includes(typeof value)
      ? [[name, String(value)] as const]
      : [];
  });
  return Object.fromEntries(texts);
}

/** What texts may say of the offer; its end as the shop's clock shows it. */
export function valuesOfOffer(offer: Offer | null, timezone: string): Values {
  if (offer === null) return {};
  if (typeof offer === "string") return { offer };
  const facts = Object.fromEntries(
    Object.entries(textsOf(offer)).map(([name, text]) => [`offer_${name}`, text]),
  );
  const end = endOfOffer(offer);
  if (end === null) return facts;
  const local = Temporal.Instant.fromEpochMilliseconds(end).toZonedDateTimeISO(timezone);
  return {
    ...facts,
    offer_expires_at: local.toPlainDateTime().toString().slice(5, 16).replace("T", " "),
  };
}

const filled = (text: string, known: Values): string =>
  partsOf(text)
    .map((part) => (typeof part === "string" ? part : (known[part.name] ?? part.fallback ?? "")))
    .join("");

/** A recipient's values by variable: the variant's own, else the offer's, else his attributes. */
export function valuesFor(
  { variables }: Pick<CampaignVariant, "variables">,
  offer: Values,
  attributes: Attributes,
): Values {
  const known = { ...textsOf(attributes), ...offer };
  const own = Object.entries(variables).map(([name, text]) => [name, filled(text, known)]);
  return { ...known, ...Object.fromEntries(own) };
}
