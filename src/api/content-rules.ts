import { z } from "@hono/zod-openapi";
import { SEVERITIES, WORD_CATEGORIES } from "../compliance/screening/finding.ts";
import {
  contentPoliciesPatchSchema,
  contentPoliciesSchema,
  mergeContentPolicies,
} from "../compliance/screening/policies.ts";
import { keyOf, type ListedWord } from "../compliance/screening/words.ts";
import { BATCH_BODY_LIMIT } from "./body.ts";
import {
  answerPage,
  nameCursor,
  pageQuery,
  pageSchema,
  REFUSALS,
  storefrontField,
} from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { define } from "./services.ts";

const MOST_WORDS = 20_000;
const LONGEST_WORD = 50;

const which = z.strictObject({ storefront: storefrontField });
const shown = contentPoliciesSchema.openapi("ContentRules");

const word = z.strictObject({
  word: z
    .string()
    .max(LONGEST_WORD)
    .refine((text) => keyOf(text).length > 1, "must have two letters or digits at least")
    .refine((text) => keyOf(text).length <= 64, "is too long once it is spelled out"),
  category: z.enum(WORD_CATEGORIES),
  severity: z.enum([...SEVERITIES, "off"]).openapi({
    description: "`off`: neither the word is found nor another within it.",
  }),
});

const listedWord = word
  .extend({ word: z.string(), source: z.enum(["product", "storefront"]) })
  .openapi("ContentWord");

const showWord = ({ word, category, severity, source }: ListedWord) => ({
  word,
  category,
  severity,
  source,
});

const read = define({
  method: "get",
  path: "/v1/content-rules",
  tag: "Content",
  summary: "What the content checks do about each kind of finding",
  scope: "content_rules:read",
  query: which,
  answers: { 200: { description: "As they are in force.", schema: shown } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const { policies } = await call.services.content.rulesOf(storefront.id);
    return { status: 200, body: policies };
  },
});

const merge = define({
  method: "put",
  path: "/v1/content-rules",
  tag: "Content",
  summary: "Change what is done about some kinds; what is left out stays",
  scope: "content_rules:write",
  audit: "content_rules.update",
  query: which,
  body: contentPoliciesPatchSchema,
  answers: { 200: { description: "All of them, in force from now on.", schema: shown } },
  problems: REFUSALS.write,
  async handle(call, { query, body }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const policies = await call.services.content.changePolicies(storefront.id, (stored) =>
      mergeContentPolicies(stored, body),
    );
    return { status: 200, body: policies };
  },
});

const listWords = define({
  method: "get",
  path: "/v1/content-rules/words",
  tag: "Content",
  summary: "The words that are looked for, the product's and the storefront's own",
  scope: "content_rules:read",
  query: z.strictObject({
    ...pageQuery,
    cursor: nameCursor,
    storefront: storefrontField,
    category: z.enum(WORD_CATEGORIES).optional(),
    source: z.enum(["product", "storefront"]).optional(),
  }),
  answers: { 200: { description: "One page.", schema: pageSchema(listedWord) } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const { limit, cursor = "", category, source } = query;
    const { words } = (await call.services.content.rulesOf(storefront.id)).words;
    const rows = words
      .filter((one) => one.key > cursor)
      .filter((one) => category === undefined || one.category === category)
      .filter((one) => source === undefined || one.source === source)
      .slice(0, limit + 1)
      .map((one) => ({ ...one, id: one.key }));
    return answerPage(rows, limit, showWord);
  },
});

const importWords = define({
  method: "post",
  path: "/v1/content-rules/words",
  tag: "Content",
  summary: "Add words to the storefront's own, or say anew what they are",
  scope: "content_rules:write",
  audit: "content_rules.import",
  bodyLimit: BATCH_BODY_LIMIT,
  query: which,
  body: z.strictObject({ words: z.array(word).min(1).max(MOST_WORDS) }),
  answers: {
    200: {
      description: "In force from now on.",
      schema: z.object({ imported: z.int().openapi({ description: "Different words." }) }),
    },
  },
  problems: REFUSALS.post,
  async handle(call, { query, body }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const words = [...new Map(body.words.map((one) => [keyOf(one.word), one])).values()];
    await call.services.content.importWords(storefront.id, words);
    return { status: 200, body: { imported: words.length } };
  },
});

export const contentRuleEndpoints = [read, merge, listWords, importWords];
