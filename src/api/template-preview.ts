import { z } from "@hono/zod-openapi";
import { checkMessage, checkTemplate } from "../compliance/screening/check-content.ts";
import { CATEGORIES, type Category } from "../messages/message.ts";
import { COUNTRIES } from "../routing/countries.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { LONGEST_BODY } from "../templates/check-draft.ts";
import { previewText } from "../templates/preview-text.ts";
import type { RichContent } from "../templates/rich-content.ts";
import { measureText } from "../templates/segments.ts";
import { pageTemplates, type StoredTemplate } from "../templates/store.ts";
import { pickVariant } from "../templates/template.ts";
import { localeField, REFUSALS, storefrontField } from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
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
import { showTextPreview, textPreviewFields } from "./text-preview.ts";

/** Variants of one name that are looked through. */
const MOST_VARIANTS = 200;

const previewSchema = z
  .object({
    ...textPreviewFields,
    content: contentSchema.nullable().openapi({ description: "Filled in; null of a text." }),
    fallback: z
      .object({ template: z.string(), ...textPreviewFields })
      .nullable()
      .openapi({ description: "What goes out where nobody carries the content, if anything." }),
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

interface Asked {
  readonly locale?: string | undefined;
  readonly country?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** The text that stands in for content; null where none does. */
async function previewFallback(
  { services }: Call<Services>,
  storefront: Storefront,
  draft: { readonly category: Category; readonly content: RichContent },
  { locale, country, variables }: Asked,
) {
  const { category, content } = draft;
  if (content.fallback === null) return null;
  const filter = { storefront: storefront.id, name: content.fallback, category };
  const variants = await pageTemplates(services.db, { ...filter, channel: "sms" }, MOST_VARIANTS);
  const template = pickVariant(variants, locale, storefront.locale);
  if (!template) return null;
  const drafted = previewText(template, variables ?? null);
  if (!drafted.ok) return faultsProblem(drafted.error);
  const sender = services.senders.find((one) => one.id === template.sender) ?? null;
  const sms = { storefront, category, country, sender, said: drafted.value.text };
  return { template: template.id, ...showTextPreview(services, sms) };
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
    const { text, content: shown } = drafted.value;
    if (!shown) {
      const sms = { storefront, category, country: asked.country, sender, said: text };
      const told = { ...showTextPreview(services, sms), content: null, fallback: null, findings };
      return { status: 200, body: told };
    }
    const fallback = await previewFallback(call, storefront, { category, content: shown }, asked);
    if (fallback && "problem" in fallback) return fallback;
    const measure = { ...measureText(text, { mainland: country === "CN" }), segments: 0 };
    const told = { text, ...measure, content: shown, culprits: [], per_provider: [] };
    return { status: 200, body: { ...told, fallback, findings } };
  },
});

export const templatePreviewEndpoints = [preview];
