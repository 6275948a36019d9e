import { z } from "@hono/zod-openapi";
import { ROOT } from "../access/principal.ts";
import { fileWhereMissing } from "../senders/file-sender.ts";
import { followReview } from "../templates/submit-template.ts";
import { enablePreset } from "../triggers/enable-preset.ts";
import { definitionOfPreset, PRESETS, type Preset } from "../triggers/presets.ts";
import { REFUSALS, storefrontField } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { ruleSchema, showDefinition, showRule } from "./rule-view.ts";
import { define } from "./services.ts";
import { author, contentProblem, showTemplate, templateSchema } from "./template-view.ts";

const inTwo = z.object({ en: z.string(), zh: z.string() });

const presetSchema = z
  .object({
    name: z.string(),
    title: inTwo,
    event: z.string(),
    category: z.string(),
    text: inTwo,
    rule: ruleSchema.omit({
      id: true,
      storefront: true,
      version: true,
      preset: true,
      created_at: true,
      updated_at: true,
    }),
    enabled_rule: z.string().nullable().openapi({ description: "The storefront's, if any." }),
  })
  .openapi("RulePreset");

const showPreset = (preset: Preset) => ({
  name: preset.name,
  title: preset.title,
  event: preset.event,
  category: preset.category,
  text: preset.text,
  rule: showDefinition(definitionOfPreset(preset)),
});

const list = define({
  method: "get",
  path: "/v1/rule-presets",
  tag: "Triggers",
  summary: "Rules with their texts in Chinese and English, ready to be enabled",
  scope: "rule_presets:read",
  query: z.strictObject({ storefront: storefrontField }),
  answers: {
    200: { description: "All of them.", schema: z.object({ data: z.array(presetSchema) }) },
  },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const own = call.services.rules.filter((rule) => rule.storefront === storefront.id);
    const data = PRESETS.map((preset) => ({
      ...showPreset(preset),
      enabled_rule: own.find((rule) => rule.preset === preset.name)?.id ?? null,
    }));
    return { status: 200, body: { data } };
  },
});

const enable = define({
  method: "post",
  path: "/v1/rule-presets/{name}/enable",
  tag: "Triggers",
  summary: "Make a preset's rule, and draft and file its texts; again, nothing more",
  scope: "rule_presets:write",
  audit: "rule_presets.enable",
  body: z.strictObject({ storefront: storefrontField }).optional(),
  answers: {
    201: {
      description: "Texts wait for their review; events that come before it wait with them.",
      schema: z.object({ rules: z.array(ruleSchema), templates: z.array(templateSchema) }),
    },
  },
  problems: [...REFUSALS.post, "content-rejected"],
  async handle(call, { body, params }) {
    const { services, principal } = call;
    const storefront = call.storefront(body?.storefront);
    if (!storefront) return noStorefront();
    const preset = PRESETS.find((one) => one.name === params.name);
    if (!preset) return problem("not-found", "There is no such preset.");
    await fileWhereMissing(services, services.accounts, storefront.sender);
    const enabled = await enablePreset(services, storefront, preset, {
      ...author(call),
      approves: principal.can("templates:approve"),
      approvesOwn: principal.id === ROOT.id,
    });
    if (!enabled.ok) return contentProblem(enabled.error.faults);
    const { rule, templates, filed } = enabled.value;
    for (const id of filed) services.later(followReview(services, id));
    return {
      status: 201,
      body: {
        rules: [showRule(rule)],
        templates: templates.map((one) => showTemplate(services, one)),
      },
    };
  },
});

export const rulePresetEndpoints = [list, enable];
