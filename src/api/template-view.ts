import { z } from "@hono/zod-openapi";
import { CONTENT_KINDS, type Finding, SEVERITIES } from "../compliance/screening/finding.ts";
import { rfc3339 } from "../lib/time.ts";
import { CATEGORIES } from "../messages/message.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { DraftFault } from "../templates/check-draft.ts";
import { readFrame } from "../templates/frame.ts";
import { findTemplate, type StoredTemplate } from "../templates/store.ts";
import {
  TEMPLATE_STATUSES,
  VARIABLE_SLOTS,
  VARIABLE_SOURCES,
  VARIABLE_TYPES,
} from "../templates/template.ts";
import type { Call } from "./endpoint.ts";
import { invalid, type Problem, problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { channelField, contentSchema } from "./template-content.ts";

const status = z.enum(TEMPLATE_STATUSES);

export const findingSchema = z
  .object({
    kind: z.enum(CONTENT_KINDS),
    severity: z.enum(SEVERITIES).openapi({
      description: "`refuse` can't be submitted; `hold` takes an approval of its own.",
    }),
    path: z.string(),
    start: z.int().openapi({ description: "UTF-16 units from the field's beginning." }),
    end: z.int(),
    found: z.string().openapi({ description: "The words, numbers masked." }),
    en: z.string(),
    zh: z.string(),
  })
  .openapi("ContentFinding");

export const templateSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    category: z.enum(CATEGORIES),
    channel: channelField,
    storefront: z.string(),
    sender: z.string(),
    locale: z.string(),
    body: z.string().nullable().openapi({ description: "Null where there is `content`." }),
    content: contentSchema.nullable().openapi({ description: "Null where there is a `body`." }),
    variables: z.array(
      z.object({
        name: z.string(),
        type: z.enum(VARIABLE_TYPES),
        max_length: z.int(),
        fallback: z.string().nullable(),
        slot: z.enum(VARIABLE_SLOTS).nullable(),
        shorten: z.boolean().nullable(),
        source: z.enum(VARIABLE_SOURCES).nullable(),
      }),
    ),
    version: z.int(),
    live_version: z
      .int()
      .nullable()
      .openapi({ description: "The version that is sent; null: none yet." }),
    status: status.openapi({ description: "Of `version`." }),
    bindings: z.array(
      z.object({
        account: z.string(),
        provider: z.string().nullable(),
        region: z.enum(["domestic", "international"]),
        provider_template_id: z.string(),
        status,
        detail: z.string().nullable(),
        parameters: z.array(z.string()),
        prefix: z.string().openapi({ description: "Filed before the body of an offer." }),
        suffix: z.string().openapi({ description: "Filed behind it: how to opt out." }),
      }),
    ),
    findings: z.array(findingSchema).optional().openapi({
      description: "What the content checks say of `version`; lists leave it out.",
    }),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .openapi("Template");

/** A template as answers show it. */
export function showTemplate(services: Services, template: StoredTemplate) {
  const providerOf = (id: string) => services.accounts.find((one) => one.id === id)?.provider.id;
  const { standing } = template;
  return {
    id: template.id,
    name: template.name,
    category: template.category,
    channel: template.channel,
    storefront: template.storefront,
    sender: template.sender,
    locale: template.locale,
    body: template.content ? null : template.body,
    content: template.content ?? null,
    variables: template.variables.map(({ name, type, maxLength, fallback, slot, ...more }) => ({
      name,
      type,
      max_length: maxLength,
      fallback,
      slot,
      shorten: more.shorten ?? null,
      source: more.source ?? null,
    })),
    version: template.version,
    live_version: standing.liveVersion,
    status: standing.status,
    bindings: template.bindings.map((binding) => ({
      prefix: readFrame(binding.frame ?? "").before,
      suffix: readFrame(binding.frame ?? "").behind,
      account: binding.account,
      provider: providerOf(binding.account) ?? null,
      region: binding.region,
      provider_template_id: binding.providerTemplateId,
      status: binding.status,
      detail: binding.detail,
      parameters: binding.parameters,
    })),
    created_at: rfc3339(template.createdAt),
    updated_at: rfc3339(template.updatedAt),
  };
}

/** A finding as answers show it. */
export const showFinding = ({ variable: _, ...finding }: Finding) => finding;

/** A template with what the content checks say of it. */
export async function showJudged(services: Services, template: StoredTemplate) {
  const findings = await services.content.findings(template);
  return { ...showTemplate(services, template), findings: findings.map(showFinding) };
}

/** The storefront's own sender of this id or name, or the one that it shares. */
export function findSender(services: Services, storefront: Storefront, named: string | undefined) {
  const wanted = named ?? storefront.sender;
  const usable = services.senders.filter(
    (one) => one.storefront === storefront.id || one.id === storefront.sender,
  );
  return usable.find((one) => one.id === wanted) ?? usable.find((one) => one.name === wanted);
}

export const noSender = () =>
  invalid("sender", "must be a sender of the storefront · 须为本店铺的签名");

/** The template of an id, as far as the caller may see it. */
export async function ownTemplate(
  call: Call<Services>,
  id: string,
): Promise<StoredTemplate | null> {
  const found = await findTemplate(call.services.db, id);
  const bound = call.principal.storefront;
  return found && (!bound || found.storefront === bound) ? found : null;
}

/** Words that may not be sent, by field. */
export function contentProblem(faults: readonly DraftFault[]): Problem {
  const [first] = faults;
  return problem("content-rejected", first && `${first.path}: ${first.message}`, {
    errors: faults,
  });
}

/** Who asks, and when. */
export const author = (call: Call<Services>) => ({
  actor: call.principal.id,
  now: call.services.clock.now(),
});

/** One template as an endpoint answers it. */
export const templateAnswer = (description: string) => ({ description, schema: templateSchema });
