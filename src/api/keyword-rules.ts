import { z } from "@hono/zod-openapi";
import { fold, readIntent } from "../inbox/intent.ts";
import { KEYWORD_MATCHES, type KeywordRule, MOST_KEYWORD_RULES } from "../inbox/keyword-rule.ts";
import {
  changeKeywordRule,
  createKeywordRule,
  deleteKeywordRule,
  keywordRulesOf,
  pageKeywordRules,
} from "../inbox/store.ts";
import { rfc3339 } from "../lib/time.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS, storefrontField } from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { eventName } from "./events.ts";
import { invalid, type Problem, problem } from "./problem.ts";
import { templatesOf } from "./rule-view.ts";
import { define, type Services } from "./services.ts";

/** Intents that no rule is asked about. */
const TAKEN: ReadonlySet<string> = new Set(["opt-out", "complaint", "help"]);

const keyword = z
  .string()
  .trim()
  .max(40)
  .refine((text) => fold(text) !== "", "must have a letter or a digit")
  .refine((text) => !TAKEN.has(readIntent(text, [])), "means something else for every storefront");

const label = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,31}$/, "must be a name such as spring_sale")
  .nullable();

const fields = {
  name: z.string().trim().min(1).max(100),
  keywords: z
    .array(keyword)
    .min(1)
    .max(50)
    .openapi({ example: ["YHQ", "优惠券"], description: "Width, case and emoji don't matter." }),
  match: z.enum(KEYWORD_MATCHES).optional(),
  tag: label.optional().openapi({ description: "The contact gets it as `tag_<tag>`." }),
  answer: z
    .string()
    .min(1)
    .max(100)
    .nullable()
    .optional()
    .openapi({ description: "The name of a template; nothing fills its variables." }),
  event: eventName.nullable().optional(),
  survey: label.optional().openapi({
    description: "The keyword is kept as the answer to it, for a contact as `survey_<survey>`.",
  }),
  enabled: z.boolean().optional(),
};

const ruleSchema = z
  .object({
    id: z.string(),
    storefront: z.string(),
    name: z.string(),
    keywords: z.array(z.string()),
    match: z.enum(KEYWORD_MATCHES),
    tag: z.string().nullable(),
    answer: z.string().nullable(),
    event: z.string().nullable(),
    survey: z.string().nullable(),
    enabled: z.boolean(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .openapi("KeywordRule");

const show = ({ createdAt, updatedAt, ...rule }: KeywordRule) => ({
  ...rule,
  created_at: rfc3339(createdAt),
  updated_at: rfc3339(updatedAt),
});

/** The rule of an id, as far as the caller may see it. */
async function ownRule(call: Call<Services>, id: string | undefined): Promise<KeywordRule | null> {
  const filter = { id: id ?? "", storefront: call.principal.storefront ?? undefined };
  return (await pageKeywordRules(call.services.db, filter, 1))[0] ?? null;
}

/** Why a rule can't be kept as it is, or null. */
async function fault(call: Call<Services>, rule: KeywordRule): Promise<Problem | null> {
  if (!(rule.tag ?? rule.answer ?? rule.event ?? rule.survey)) {
    return invalid("", "must do something: tag, answer, event or survey");
  }
  if (rule.answer === null) return null;
  const named = (await templatesOf(call, rule.storefront)).filter(
    (one) => one.name === rule.answer,
  );
  if (named.length === 0) return invalid("answer", "names no template");
  return named.some((one) => one.category === "otp") ? invalid("answer", "is for codes") : null;
}

const create = define({
  method: "post",
  path: "/v1/keyword-rules",
  tag: "Replies",
  summary: "Say what happens by itself when a reply is one of some words",
  scope: "keyword_rules:write",
  audit: "keyword_rules.create",
  body: z.strictObject({ ...fields, storefront: storefrontField }),
  answers: { 201: { description: "It holds for the next reply.", schema: ruleSchema } },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const { services } = call;
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const now = services.clock.now();
    const rule: KeywordRule = {
      id: services.newId("kwr"),
      storefront: storefront.id,
      name: body.name,
      keywords: body.keywords,
      match: body.match ?? "exact",
      tag: body.tag ?? null,
      answer: body.answer ?? null,
      event: body.event ?? null,
      survey: body.survey ?? null,
      enabled: body.enabled ?? true,
      createdAt: now,
      updatedAt: now,
    };
    const faulty = await fault(call, rule);
    if (faulty) return faulty;
    if ((await keywordRulesOf(services.db, storefront.id)).length >= MOST_KEYWORD_RULES) {
      return problem("conflict", `A storefront has ${MOST_KEYWORD_RULES} keyword rules at most.`);
    }
    await createKeywordRule(services.db, rule);
    return { status: 201, body: show(rule) };
  },
});

const list = define({
  method: "get",
  path: "/v1/keyword-rules",
  tag: "Replies",
  summary: "Keyword rules, newest first; of several that match the oldest holds",
  scope: "keyword_rules:read",
  query: z.strictObject({ ...pageQuery, storefront: storefrontField }),
  answers: { 200: { description: "One page.", schema: pageSchema(ruleSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront } }) {
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const filter = { storefront: call.principal.storefront ?? storefront, below: cursor };
    return answerPage(await pageKeywordRules(call.services.db, filter, limit + 1), limit, show);
  },
});

const read = define({
  method: "get",
  path: "/v1/keyword-rules/{id}",
  tag: "Replies",
  summary: "One keyword rule",
  scope: "keyword_rules:read",
  answers: { 200: { description: "As it stands.", schema: ruleSchema } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownRule(call, params.id);
    return found ? { status: 200, body: show(found) } : problem("not-found");
  },
});

const edit = define({
  method: "patch",
  path: "/v1/keyword-rules/{id}",
  tag: "Replies",
  summary: "Change a keyword rule; what is left out stays",
  scope: "keyword_rules:write",
  audit: "keyword_rules.update",
  body: z.strictObject(z.object(fields).partial().shape),
  answers: { 200: { description: "It holds for the next reply.", schema: ruleSchema } },
  problems: REFUSALS.write,
  async handle(call, { body, params }) {
    const { db, clock } = call.services;
    const found = await ownRule(call, params.id);
    if (!found) return problem("not-found");
    const said = Object.entries(body).filter(([, value]) => value !== undefined);
    const rule: KeywordRule = {
      ...found,
      ...(Object.fromEntries(said) as Partial<KeywordRule>),
      updatedAt: clock.now(),
    };
    const faulty = await fault(call, rule);
    if (faulty) return faulty;
    const changed = await changeKeywordRule(db, rule);
    return changed ? { status: 200, body: show(changed) } : problem("not-found");
  },
});

const remove = define({
  method: "delete",
  path: "/v1/keyword-rules/{id}",
  tag: "Replies",
  summary: "Delete a keyword rule",
  scope: "keyword_rules:write",
  audit: "keyword_rules.delete",
  answers: { 200: { description: "It is gone.", schema: z.object({ id: z.string() }) } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownRule(call, params.id);
    if (!found) return problem("not-found");
    await deleteKeywordRule(call.services.db, found.id);
    return { status: 200, body: { id: found.id }, storefront: found.storefront };
  },
});

export const keywordRuleEndpoints = [create, list, read, edit, remove];
