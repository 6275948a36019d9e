import { z } from "@hono/zod-openapi";
import type { Principal } from "../access/principal.ts";
import { dayOf, GROUPINGS } from "../ledger/balances.ts";
import { ENDS } from "../ledger/check.ts";
import { fromMicros } from "../lib/micros.ts";
import { rfc3339 } from "../lib/time.ts";
import { TRANSFER_KINDS, type Transfer } from "../messages/transfers.ts";
import { answerPage, cursorOf, pageQuery, pageSchema, REFUSALS, timeField } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { type Problem, problem } from "./problem.ts";
import { moneySchema } from "./provider-account-fields.ts";
import { define } from "./services.ts";

const signed = z.string().openapi({ description: "A decimal; below zero with a sign." });
const currencyField = z.string().regex(/^[A-Z]{3}$/, "must be an ISO 4217 code");

/** What concerns the whole installation is nothing for a key of one storefront. */
export const refuseBound = ({ storefront }: Principal): Problem | null =>
  storefront === null
    ? null
    : problem("forbidden", "This concerns all storefronts; this key is bound to one.");

const balances = define({
  method: "get",
  path: "/v1/ledger/balances",
  tag: "Money",
  summary: "What was spent and given back, by a name; currencies are never added up",
  scope: "ledger:read",
  query: z.strictObject({
    storefront: z.string().max(64).optional(),
    currency: currencyField.optional(),
    group_by: z.enum(GROUPINGS).default("account"),
    after: z.iso.date().optional().openapi({ description: "The first day, in UTC." }),
    before: z.iso.date().optional().openapi({ description: "The first day after it." }),
  }),
  answers: {
    200: {
      description: [
        "By `account` each transfer counts at both of its accounts, so that all balances of a",
        "currency come to zero; by any other name `debit` is what texts cost, `credit` what was",
        "given back. A `key` of null: texts of no campaign.",
      ].join(" "),
      schema: z.object({
        data: z.array(
          z.object({
            key: z.string().nullable(),
            currency: z.string(),
            debit: signed,
            credit: signed,
            balance: signed,
            segments: z.int(),
          }),
        ),
      }),
    },
  },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const { storefront, currency, group_by, after, before } = query;
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const found = await call.services.ledger.balances(
      {
        storefront: call.principal.storefront ?? storefront,
        currency,
        from: after === undefined ? undefined : dayOf(Date.parse(after)),
        to: before === undefined ? undefined : dayOf(Date.parse(before)) - 1,
      },
      group_by,
    );
    const data = found.map((one) => ({
      ...one,
      debit: fromMicros(one.debit),
      credit: fromMicros(one.credit),
      balance: fromMicros(one.debit - one.credit),
    }));
    return { status: 200, body: { data } };
  },
});

const entrySchema = z
  .object({
    id: z.string(),
    kind: z.enum(TRANSFER_KINDS),
    message: z.string().nullable(),
    package: z.string().nullable(),
    debit: z.string().openapi({ example: "spend:sto_…" }),
    credit: z.string().openapi({ example: "provider:acc_…" }),
    amount: moneySchema,
    segments: z.int(),
    storefront: z.string().nullable(),
    provider: z.string(),
    account: z.string(),
    country: z.string().nullable(),
    at: z.string(),
  })
  .openapi("LedgerEntry");

const idOf = ({ subject, n }: Transfer): string => `${subject}.${n}`;

const show = (entry: Transfer) => {
  const { subject, kind, debit, credit, segments, provider, account } = entry;
  return {
    id: idOf(entry),
    kind,
    message: kind === "package" ? null : subject,
    package: kind === "package" ? subject : null,
    debit,
    credit,
    amount: { amount: fromMicros(entry.amount), currency: entry.currency },
    segments,
    storefront: entry.storefront || null,
    provider,
    account,
    country: entry.country || null,
    at: rfc3339(entry.at),
  };
};

const entries = define({
  method: "get",
  path: "/v1/ledger/entries",
  tag: "Money",
  summary: "Every transfer, of the newest message first; packages come before them",
  scope: "ledger:read",
  query: z.strictObject({
    ...pageQuery,
    cursor: cursorOf(/^(msg|pkg)_[0-9A-Za-z]+\.[1-9]\d{0,8}$/),
    storefront: z.string().max(64).optional(),
    message: z.string().max(64).optional(),
  }),
  answers: { 200: { description: "One page.", schema: pageSchema(entrySchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront, message } }) {
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const [subject = "", n = ""] = cursor?.split(".") ?? [];
    const rows = await call.services.ledger.entries(
      {
        storefront: call.principal.storefront ?? storefront,
        subject: message,
        below: cursor === undefined ? undefined : { subject, n: Number(n) },
      },
      limit + 1,
    );
    return answerPage(
      rows.map((entry) => ({ id: idOf(entry), entry })),
      limit,
      ({ entry }) => show(entry),
    );
  },
});

const check = define({
  method: "get",
  path: "/v1/ledger/check",
  tag: "Money",
  summary: "Whether the books are right: zero in all, and each ended message in them",
  // It reads every entry there is: nothing for each key that may look at balances.
  scope: "ledger:write",
  query: z.strictObject({
    after: timeField.optional().openapi({ description: "Of messages made then or later." }),
    before: timeField.optional(),
  }),
  answers: {
    200: {
      description: "What was found; `unpriced` are texts whose account has no known price.",
      schema: z.object({
        valid: z.boolean(),
        sums: z.array(z.object({ currency: z.string(), balance: signed })),
        totals_match: z.boolean(),
        ends: z.record(z.enum(ENDS), z.int()),
        messages_without_end: z.int(),
      }),
    },
  },
  problems: REFUSALS.list,
  async handle({ services, principal }, { query: { after, before } }) {
    const refused = refuseBound(principal);
    if (refused) return refused;
    const at = (text: string | undefined) => (text === undefined ? null : Date.parse(text));
    const found = await services.ledger.check(at(after), at(before));
    const { valid, ends, totalsMatch, messagesWithoutEnd } = found;
    return {
      status: 200,
      body: {
        valid,
        sums: found.sums.map((one) => ({ ...one, balance: fromMicros(one.balance) })),
        totals_match: totalsMatch,
        ends,
        messages_without_end: messagesWithoutEnd,
      },
    };
  },
});

export const ledgerEndpoints = [balances, entries, check];
