import { z } from "@hono/zod-openapi";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import {
  checkRule,
  createRule,
  type EditRuleRefusal,
  editRule,
  type RuleFault,
  rollBackRule,
} from "../triggers/edit-rule.ts";
import { OUTCOME_REASONS } from "../triggers/event.ts";
import { type Rehearsed, rehearseRule } from "../triggers/rehearse-rule.ts";
import type { Rule } from "../triggers/rule.ts";
import { deleteRule, listVersions, pageRules } from "../triggers/store.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS, storefrontField } from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { eventName } from "./events.ts";
import { type Problem, problem } from "./problem.ts";
import {
  changedRule,
  newRule,
  ownRule,
  ruleFields,
  ruleSchema,
  showDefinition,
  showRule,
  templatesOf,
} from "./rule-view.ts";
import { define, type Services } from "./services.ts";
import { author } from "./template-view.ts";

const MOST_REHEARSED = 1_000;

const faultsProblem = (faults: readonly RuleFault[]): Problem => {
  const [first] = faults;
  const detail = first && `${first.path}: ${first.message}`;
  return problem("invalid-request", detail, { errors: faults });
};

function editProblem(refusal: EditRuleRefusal): Problem {
  switch (refusal.code) {
    case "faulty-rule":
      return faultsProblem(refusal.faults);
    case "changed-meanwhile":
      return problem("conflict", "The rule was changed meanwhile. Read it again.");
    case "no-such-version":
      return problem("not-found", "The rule has no such version.");
  }
}

const ruleAnswer = (description: string) => ({ description, schema: ruleSchema });

/** What a change of a rule is judged by. */
const editing = async (call: Call<Services>, storefront: string) => ({
  templates: await templatesOf(call, storefront),
  by: author(call),
});

const create = define({
  method: "post",
  path: "/v1/rules",
  tag: "Triggers",
  summary: "Make a rule: which event sends which text, to whom, when and if",
  scope: "rules:write",
  audit: "rules.create",
  body: z.strictObject({ ...ruleFields, storefront: storefrontField }),
  answers: { 201: ruleAnswer("Version 1; it holds for the next event.") },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const { services } = call;
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const head = { id: services.newId("rul"), storefront: storefront.id };
    const facts = await editing(call, storefront.id);
    const created = await createRule(services, head, newRule(body), facts);
    if (!created.ok) return editProblem(created.error);
    return { status: 201, body: showRule(created.value) };
  },
});

const list = define({
  method: "get",
  path: "/v1/rules",
  tag: "Triggers",
  summary: "Rules by their newest version, newest first",
  scope: "rules:read",
  query: z.strictObject({ ...pageQuery, storefront: storefrontField }),
  answers: { 200: { description: "One page.", schema: pageSchema(ruleSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront } }) {
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const filter = { storefront: call.principal.storefront ?? storefront, below: cursor };
    return answerPage(await pageRules(call.services.db, filter, limit + 1), limit, showRule);
  },
});

const versionSchema = ruleSchema
  .omit({ id: true, storefront: true, preset: true, updated_at: true })
  .extend({ actor: z.string() })
  .openapi("RuleVersion");

const read = define({
  method: "get",
  path: "/v1/rules/{id}",
  tag: "Triggers",
  summary: "One rule, with all that it ever said",
  scope: "rules:read",
  answers: {
    200: {
      description: "As it stands.",
      schema: ruleSchema.extend({ versions: z.array(versionSchema) }).openapi("RuleWithVersions"),
    },
  },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownRule(call, params.id);
    if (!found) return problem("not-found");
    const versions = await listVersions(call.services.db, found.id);
    const shown = versions.map(({ version, definition, actor, createdAt }) => ({
      version,
      ...showDefinition(definition),
      actor,
      created_at: rfc3339(createdAt),
    }));
    return { status: 200, body: { ...showRule(found), versions: shown } };
  },
});

const edit = define({
  method: "patch",
  path: "/v1/rules/{id}",
  tag: "Triggers",
  summary: "Change a rule: the next version, which holds for the next event",
  scope: "rules:write",
  audit: "rules.update",
  body: z.strictObject({ ...z.object(ruleFields).partial().shape }),
  answers: { 200: ruleAnswer("As it stands now; texts that wait out a delay follow it too.") },
  problems: REFUSALS.write,
  async handle(call, { body, params }) {
    const found = await ownRule(call, params.id);
    if (!found) return problem("not-found");
    const facts = await editing(call, found.storefront);
    const edited = await editRule(call.services, found, changedRule(found, body), facts);
    if (!edited.ok) return editProblem(edited.error);
    return { status: 200, body: showRule(edited.value) };
  },
});

const rollBack = define({
  method: "post",
  path: "/v1/rules/{id}/rollback",
  tag: "Triggers",
  summary: "Let a rule say what an earlier version said",
  scope: "rules:write",
  audit: "rules.rollback",
  body: z.strictObject({ version: z.int().min(1) }),
  answers: { 200: ruleAnswer("A new version, of the old contents.") },
  problems: REFUSALS.post,
  async handle(call, { body, params }) {
    const found = await ownRule(call, params.id);
    if (!found) return problem("not-found");
    const facts = await editing(call, found.storefront);
    const rolled = await rollBackRule(call.services, found, body.version, facts);
    if (!rolled.ok) return editProblem(rolled.error);
    return { status: 200, body: showRule(rolled.value) };
  },
});

const remove = define({
  method: "delete",
  path: "/v1/rules/{id}",
  tag: "Triggers",
  summary: "Delete a rule: it sends nothing any more, what waits out a delay included",
  scope: "rules:write",
  audit: "rules.delete",
  answers: { 200: { description: "It is gone.", schema: z.object({ id: z.string() }) } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const { services } = call;
    const found = await ownRule(call, params.id);
    if (!found) return problem("not-found");
    await deleteRule(services.db, found.id);
    services.changed();
    return { status: 200, body: { id: found.id }, storefront: found.storefront };
  },
});

const rehearsalSchema = z.object({
  events: z.int(),
  matched: z.int(),
  data: z.array(
    z.object({
      event: z.string(),
      occurred_at: z.string(),
      matches: z.boolean(),
      to: z.string().nullable(),
      text: z.string().nullable().openapi({
        description: "Without the signature; null without `pii:read`: it may name people.",
      }),
      reason: z.string().nullable(),
      detail: z.string().nullable(),
      explanation: z.object({ en: z.string(), zh: z.string() }).nullable(),
    }),
  ),
});

const NOT_MET = { en: "The condition did not hold.", zh: "不满足规则条件。" };

const showRehearsed = (call: Call<Services>, one: Rehearsed) => ({
  event: one.event.id,
  occurred_at: rfc3339(one.event.occurredAt),
  matches: one.matches,
  to: one.to && (call.principal.can("pii:read") ? one.to : maskPhone(one.to)),
  text: call.principal.can("pii:read") ? one.text : null,
  reason: one.reason,
  detail: one.detail,
  explanation:
    one.reason && (one.reason === "condition-not-met" ? NOT_MET : OUTCOME_REASONS[one.reason]),
});

/** The rule that a rehearsal names, or the draft that it brings; a string that names none is null. */
async function rehearsed(
  call: Call<Services>,
  said: z.infer<typeof rehearsalRule>,
  storefront: string,
): Promise<Rule | Problem> {
  if (typeof said === "string") {
    const found = await ownRule(call, said);
    return found?.storefront === storefront ? found : problem("not-found");
  }
  const draft = newRule({ ...said, name: said.name ?? "draft" });
  const faults = checkRule(draft, await templatesOf(call, storefront));
  if (faults.length > 0)
    return faultsProblem(faults.map((one) => ({ ...one, path: `rule.${one.path}` })));
  const now = call.services.clock.now();
  return {
    ...draft,
    id: "draft",
    storefront,
    version: 1,
    preset: null,
    createdAt: now,
    updatedAt: now,
  };
}

const rehearsalRule = z.union([
  z.string().max(64),
  z.strictObject({ ...ruleFields, name: ruleFields.name.optional(), event: eventName }),
]);

const rehearse = define({
  method: "post",
  path: "/v1/rules/rehearse",
  tag: "Triggers",
  summary: "See what a rule would have made of the newest events; nothing is sent",
  scope: "rules:read",
  inSandbox: true,
  audit: { none: "it only reads" },
  reveals: "rules.reveal",
  body: z.strictObject({
    rule: rehearsalRule.openapi({ description: "A `rul_` id, or a rule as it might be." }),
    last: z.int().min(1).max(MOST_REHEARSED).default(100),
    storefront: storefrontField,
  }),
  answers: { 200: { description: "The newest event first.", schema: rehearsalSchema } },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const rule = await rehearsed(call, body.rule, storefront.id);
    if ("problem" in rule) return rule;
    const data = await rehearseRule(call.services, storefront, rule, body.last);
    const matched = data.filter((one) => one.matches).length;
    return {
      status: 200,
      body: { events: data.length, matched, data: data.map((one) => showRehearsed(call, one)) },
    };
  },
});

export const ruleEndpoints = [create, list, rehearse, read, edit, rollBack, remove];
