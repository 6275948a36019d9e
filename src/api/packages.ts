import { z } from "@hono/zod-openapi";
import { type Package, segmentPriceOf, statusOf } from "../ledger/package.ts";
import { pagePackages } from "../ledger/store.ts";
import { toMicros } from "../lib/micros.ts";
import { rfc3339 } from "../lib/time.ts";
import { answerPage, countryField, pageQuery, pageSchema, REFUSALS, timeField } from "./common.ts";
import { refuseBound } from "./ledger.ts";
import { invalid } from "./problem.ts";
import { moneySchema } from "./provider-account-fields.ts";
import { define } from "./services.ts";

const packageSchema = z
  .object({
    id: z.string(),
    account: z.string(),
    country: z.string().nullable(),
    segments: z.int(),
    price: moneySchema,
    segment_price: moneySchema.openapi({
      description: "What a text costs by the segment while it lasts, rounded down to a millionth.",
    }),
    used: z.int().openapi({ description: "As counted within the last minute." }),
    remaining: z.int(),
    status: z.enum(["waiting", "active", "used", "expired"]),
    valid_from: z.string(),
    expires_at: z.string(),
    created_at: z.string(),
  })
  .openapi("Package");

const show = (now: number) => (one: Package) => ({
  id: one.id,
  account: one.account,
  country: one.country,
  segments: one.segments,
  price: { amount: one.amount, currency: one.currency },
  segment_price: segmentPriceOf(one),
  used: one.used,
  remaining: one.segments - one.used,
  status: statusOf(one, now),
  valid_from: rfc3339(one.validFrom),
  expires_at: rfc3339(one.expiresAt),
  created_at: rfc3339(one.createdAt),
});

const create = define({
  method: "post",
  path: "/v1/packages",
  tag: "Money",
  summary: "Enter segments that were bought of a provider in advance",
  scope: "packages:write",
  audit: "packages.create",
  body: z.strictObject({
    account: z.string().max(64),
    country: countryField.openapi({ description: "Left out: any." }),
    segments: z.int().min(1).max(1_000_000_000),
    price: moneySchema,
    valid_from: timeField.optional().openapi({ description: "Left out: now." }),
    expires_at: timeField,
  }),
  answers: {
    201: {
      description: [
        "While it lasts, texts of the account cost its price over its segments; of several the",
        "one that expires first goes first. It begins, ends and is used up to the minute.",
      ].join(" "),
      schema: packageSchema,
    },
  },
  problems: REFUSALS.post,
  async handle({ services, principal }, { body }) {
    const refused = refuseBound(principal);
    if (refused) return refused;
    const now = services.clock.now();
    const account = services.accounts.find((one) => one.id === body.account);
    if (!account) return invalid("account", "is no account at a provider");
    const validFrom = body.valid_from === undefined ? now : Date.parse(body.valid_from);
    const expiresAt = Date.parse(body.expires_at);
    if (expiresAt <= Math.max(validFrom, now)) {
      return invalid("expires_at", "must be in the future, and after valid_from");
    }
    if (toMicros(body.price.amount) < BigInt(body.segments)) {
      return invalid("price.amount", "is less than a millionth a segment");
    }
    const bought = await services.ledger.buy({
      account: account.id,
      provider: account.provider.id,
      country: body.country ?? null,
      segments: body.segments,
      ...body.price,
      validFrom,
      expiresAt,
    });
    return { status: 201, body: show(now)(bought) };
  },
});

const list = define({
  method: "get",
  path: "/v1/packages",
  tag: "Money",
  summary: "Packages and what is left of them, newest first",
  scope: "packages:read",
  query: z.strictObject({ ...pageQuery, account: z.string().max(64).optional() }),
  answers: { 200: { description: "One page.", schema: pageSchema(packageSchema) } },
  problems: REFUSALS.list,
  async handle({ services, principal }, { query: { limit, cursor, account } }) {
    const refused = refuseBound(principal);
    if (refused) return refused;
    const rows = await pagePackages(services.db, { account, below: cursor }, limit + 1);
    return answerPage(rows, limit, show(services.clock.now()));
  },
});

export const packageEndpoints = [create, list];
