import { z } from "@hono/zod-openapi";
import { checkMessage, checkTemplate } from "../compliance/content/check-content.ts";
import { CATEGORIES } from "../messages/message.ts";
import { COUNTRIES } from "../routing/countries.ts";
import { costOf } from "../routing/prices.ts";
import { regionOf } from "../routing/route.ts";
import { LONGEST_BODY } from "../templates/check-draft.ts";
import { previewText } from "../templates/preview-text.ts";
import { findCulprits, measureText } from "../templates/segments.ts";
import { pageTemplates, type StoredTemplate } from "../templates/store.ts";
import { pickVariant } from "../templates/template.ts";
import { localeField, REFUSALS, storefrontField } from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { moneySchema } from "./provider-account-fields.ts";
import { define, type Services } from "./services.ts";
import {
  channelField,
  contentField,
  contentSchema,
  faultsProblem,
  missingText,
  readText,
} from "./template-content.ts";
import { findingSchema, findSender, noSender, ownTemplate, showFinding } from "./template-view.ts";

/** Variants of one name that are looked through. */
const MOST_VARIANTS = 200;

const previewSchema = z
  .object({
    text: z.string().openapi({
      description: "With its signature, as a handset shows it; of content all that is read.",
    }),
    content: contentSchema.nullable().openapi({ description: "Filled in; null of a text." }),
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
    findings: z.array(findingSchema).openapi({
      description: "What the content checks say: of the draft, or of the text with these values.",
    }),
  })
  .openapi("TemplatePreview");

async function findByIdOrName(
  call: Call<Services>,
  named: string,
  locale: string | undefined,
  storefront: { readonly id: string; readonly locale: string },
): Promise<StoredTemplate | null> {
  if (named.startsWith("tpl_")) return ownTemplate(call, named);
  const { db } = call.services;
  const filter = { storefront: storefront.id, name: named };
  const variants = await pageTemplates(db, filter, MOST_VARIANTS);
  return pickVariant(variants, locale, storefront.locale) ?? null;
}

const preview = define({
  method: "post",
  path: "/v1/templates/preview",
  tag: "Templates",
  summary: "What a text looks like, how long it is and what it costs; nothing is sent",
  scope: "templates:read",
  inSandbox: true,
  audit: { none: "it only previews" },
  body: z
    .strictObject({
      template: z.string().min(1).max(64).optional().openapi({
        description: "An id or a name; its newest version.",
      }),
      body: z.string().min(1).max(LONGEST_BODY).optional(),
      content: contentField.optional(),
      channel: channelField.optional().openapi({
        description: "Left out: the template's, else sms.",
      }),
      sender: z.string().min(1).max(64).optional().openapi({
        description: "Left out: the template's; a body alone then goes without a signature.",
      }),
      locale: localeField.optional(),
      variables: z.record(z.string().max(64), z.unknown()).optional().openapi({
        description: "Left out: each variable shows its fallback or its name.",
      }),
      country: z
        .string()
        .refine((code) => COUNTRIES.some((one) => one.country === code), "must be such as CN")
        .optional()
        .openapi({ description: "Left out: the encoding alone decides on segments." }),
      category: z.enum(CATEGORIES).optional(),
      storefront: storefrontField,
    })
    .refine(({ template, body, content }) => template ?? body ?? content, {
      path: ["body"],
      message: "is needed where no template is named",
    }),
  answers: { 200: { description: "The text and its length.", schema: previewSchema } },
  problems: REFUSALS.post,
  async handle(call, { body: asked }) {
    const { services } = call;
    const named = call.storefront(asked.storefront);
    if (!named) return noStorefront();
    const template = asked.template
      ? await findByIdOrName(call, asked.template, asked.locale, named)
      : null;
    if (asked.template && !template) return problem("not-found", "There is no such template.");
    const storefront = services.storefronts.find((one) => one.id === template?.storefront) ?? named;
    const wanted = asked.sender ?? template?.sender;
    const sender = wanted === undefined ? null : findSender(services, storefront, wanted);
    if (sender === undefined) return noSender();

    const channel = asked.channel ?? template?.channel ?? "sms";
    const own = template?.channel === channel ? template : null;
    const said = readText(channel, asked) ?? own ?? missingText(channel);
    if ("problem" in said) return said;
    const { body, content = null } = said;
    const category = asked.category ?? template?.category ?? "notification";
    const known = said === own ? own.variables : [];
    const drafted = previewText(
      { category, body, content, variables: known },
      asked.variables ?? null,
    );
    if (!drafted.ok) return faultsProblem(drafted.error);
    const { variables, values } = drafted.value;
    const country = asked.country ?? storefront.defaultCountry;
    const rules = await services.content.rulesOf(storefront.id);
    const judged = { category, body, content, variables };
    const findings = [
      ...checkTemplate(rules, judged),
      ...(values ? checkMessage(rules, judged, values) : []),
    ].map(showFinding);
    if (drafted.value.content) {
      const { text, content: shown } = drafted.value;
      const measure = { ...measureText(text, { mainland: country === "CN" }), segments: 0 };
      const body = { text, content: shown, ...measure, culprits: [], per_provider: [], findings };
      return { status: 200, body };
    }

    const signed = sender ? `【${sender.name}】${drafted.value.text}` : drafted.value.text;
    const isOffer = category === "marketing";
    const text = isOffer ? signed + services.suffixOf(storefront.id, country, signed) : signed;
    const measure = measureText(text, { mainland: asked.country === "CN" });
    const per_provider = services.accounts
      .filter((one) => one.enabled && one.provider.regions.includes(regionOf(country)))
      .map((account) => ({
        account: account.id,
        provider: account.provider.id,
        segments: measure.segments,
        price: costOf(account, country, measure.segments),
      }));
    const culprits = findCulprits(text);
    return {
      status: 200,
      body: { text, content: null, ...measure, culprits, per_provider, findings },
    };
  },
});

export const templatePreviewEndpoints = [preview];
