import { z } from "@hono/zod-openapi";
import { numberOf, pageRefusals, type RefusalRow } from "../compliance/refusals/store.ts";
import { RULE_NAMES } from "../compliance/rules.ts";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import {
  answerPage,
  countryField,
  idCursor,
  pageQuery,
  pageSchema,
  REFUSALS,
  storefrontField,
  timeField,
} from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { readAnyNumber } from "./recipient.ts";
import { define, type Services } from "./services.ts";

const rule = z.enum(["caps", ...RULE_NAMES]);

const refusalSchema = z
  .object({
    id: z.string(),
    rule: rule.openapi({ description: "`caps`: the number had its texts." }),
    demand: z.enum(["challenge", "limit", "block", "pause"]),
    count: z.int().openapi({
      description:
        "Above one it stands for that many of a minute, beyond the ten of each rule that are kept each: then it names no number.",
    }),
    to: z.string().nullable().openapi({ example: "+86138****8000" }),
    country: z.string().nullable(),
    purpose: z.string().nullable(),
    client: z
      .object({
        address: z.string().nullable(),
        device: z.string().nullable(),
        network: z.string().nullable(),
      })
      .openapi({ description: "Who asked: the same one has the same text, which tells no more." }),
    explanation: z.object({ en: z.string(), zh: z.string() }).nullable(),
    until: z.string().nullable(),
    at: z.string(),
  })
  .openapi("AbuseRefusal");

const page = { description: "One page.", schema: pageSchema(refusalSchema) };

const show =
  ({ services: { keys }, principal }: Call<Services>) =>
  (row: RefusalRow) => {
    const { id, demand, count, country, purpose, address, device, network, en, zh, until } = row;
    const to = numberOf(keys, row);
    return {
      ...{ id, rule: row.rule, demand, count, country, purpose },
      to: to === null || principal.can("pii:read") ? to : maskPhone(to),
      client: { address, device, network },
      explanation: en === null || zh === null ? null : { en, zh },
      until: until === null ? null : rfc3339(until),
      at: rfc3339(row.at),
    };
  };

const list = define({
  method: "get",
  path: "/v1/abuse-rules/refusals",
  tag: "Abuse",
  summary: "Sends that a rule or a cap refused, newest first; kept for 30 days",
  scope: "abuse_rules:read",
  reveals: "abuse_rules.reveal",
  query: z.strictObject({
    ...pageQuery,
    storefront: storefrontField,
    rule: rule.optional(),
    after: timeField.optional(),
    before: timeField.optional(),
  }),
  answers: { 200: page },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront: named, after, before, rule } }) {
    const storefront = call.storefront(named);
    if (!storefront) return noStorefront();
    const filter = {
      storefront: storefront.id,
      rule,
      after: after === undefined ? undefined : Date.parse(after),
      before: before === undefined ? undefined : Date.parse(before),
      below: cursor,
    };
    const rows = await pageRefusals(call.services.db, filter, limit + 1);
    return answerPage(rows, limit, show(call));
  },
});

const search = define({
  method: "post",
  path: "/v1/abuse-rules/refusals/search",
  tag: "Abuse",
  summary: "What was refused to one number, newest first",
  scope: "abuse_rules:read",
  audit: { none: "it only reads" },
  reveals: "abuse_rules.reveal",
  body: z.strictObject({
    to: z.string(),
    country: countryField,
    storefront: storefrontField,
    limit: z.int().min(1).max(200).default(50),
    cursor: idCursor,
  }),
  answers: { 200: page },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const phone = readAnyNumber(body, storefront);
    if (!("e164" in phone)) return phone;
    const numbers = call.services.keys.blindIndexes(phone.e164);
    const filter = { storefront: storefront.id, numbers, below: body.cursor };
    const rows = await pageRefusals(call.services.db, filter, body.limit + 1);
    return answerPage(rows, body.limit, show(call));
  },
});

export const abuseRefusalEndpoints = [list, search];
