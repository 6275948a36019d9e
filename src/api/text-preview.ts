import { z } from "@hono/zod-openapi";
import type { Category } from "../messages/message.ts";
import { costOf } from "../routing/prices.ts";
import { regionOf } from "../routing/route.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { inFrame } from "../templates/frame.ts";
import { findCulprits, measureText } from "../templates/segments.ts";
import { moneySchema } from "./provider-account-fields.ts";
import type { Services } from "./services.ts";

/** What there is to say of a text before it is sent. */
export const textPreviewFields = {
  text: z.string().openapi({
    description: "With its signature, as a handset shows it; of content all that is read.",
  }),
  encoding: z.enum(["gsm7", "ucs2"]),
  length: z.int().openapi({ description: "Septets or code units; in CN characters." }),
  segments: z.int().openapi({ description: "0 of content, which is no text message." }),
  culprits: z
    .array(z.object({ char: z.string(), index: z.int(), replacement: z.string().optional() }))
    .openapi({ description: "Characters that GSM-7 lacks, and what writes the same in it." }),
  per_provider: z.array(
    z.object({
      account: z.string(),
      provider: z.string(),
      segments: z.int(),
      price: moneySchema.nullable(),
    }),
  ),
};

export interface PreviewedSms {
  readonly storefront: Storefront;
  readonly category: Category;
  /** Left out: the storefront's; the encoding alone then decides on segments. */
  readonly country: string | undefined;
  /** Null: without a signature. */
  readonly sender: { readonly name: string } | null;
  /** Without its signature. */
  readonly said: string;
}

/** A text message as a handset shows it, how long it is and what each account takes for it. */
export function showTextPreview(services: Services, sms: PreviewedSms) {
  const { storefront, category, sender, said } = sms;
  const country = sms.country ?? storefront.defaultCountry;
  const signed = sender ? `【${sender.name}】${said}` : said;
  const isOffer = category === "marketing";
  const text = isOffer ? inFrame(services.frameOf(storefront.id, country, said), signed) : signed;
  const measure = measureText(text, { mainland: sms.country === "CN" });
  const per_provider = services.accounts
    .filter((one) => one.enabled && one.provider.regions.includes(regionOf(country)))
    .map((account) => ({
      account: account.id,
      provider: account.provider.id,
      segments: measure.segments,
      price: costOf(account, country, measure.segments),
    }));
  return { text, ...measure, culprits: findCulprits(text), per_provider };
}
