import { z } from "@hono/zod-openapi";
import type { Principal } from "../access/principal.ts";
import { VERDICTS } from "../ledger/bills/bill.ts";
import { type BillFault, MOST_BYTES } from "../ledger/bills/read-bill.ts";
import {
  type Bill,
  type BillLine,
  countVerdicts,
  findBill,
  listBills,
  pageLines,
} from "../ledger/bills/store.ts";
import type { TakenBill } from "../ledger/ways.ts";
import { fromMicros } from "../lib/micros.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { rfc3339 } from "../lib/time.ts";
import { answerPage, cursorOf, pageQuery, pageSchema, REFUSALS, timeField } from "./common.ts";
import type { Received } from "./endpoint.ts";
import { refuseBound } from "./ledger.ts";
import { invalid, type Problem, problem } from "./problem.ts";
import { define, type Services } from "./services.ts";

const TOO_LARGE = problem("payload-too-large", "A bill holds at most 64 MiB.");

function refusalOf(fault: BillFault): Problem {
  switch (fault.kind) {
    case "too-large":
      return TOO_LARGE;
    case "empty":
      return invalid("", "has no rows");
    case "unreadable":
      return invalid("", "can't be read as CSV");
    case "no-name":
      return invalid("", "has no column message_id or provider_message_id");
    case "bad-row":
      return invalid(`${fault.row}.${fault.column}`, "is missing or not readable");
  }
}

async function receive(
  services: Services,
  request: Request,
  principal: Principal,
): Promise<Result<Received<TakenBill>, Problem>> {
  const refused = refuseBound(principal);
  if (refused) return fail(refused);
  const [type = ""] = (request.headers.get("Content-Type") ?? "").toLowerCase().split(";");
  if (!/^(text|application)\/csv$/.test(type.trim())) {
    return fail(problem("unsupported-media-type", "Send text/csv in UTF-8."));
  }
  if (Number(request.headers.get("Content-Length") ?? 0) > MOST_BYTES) return fail(TOO_LARGE);
  if (!request.body) return fail(refusalOf({ kind: "empty" }));
  const taken = await services.ledger.takeBill(request.body);
  if (!taken.ok) return fail(refusalOf(taken.error));
  const { id, digest, rows } = taken.value;
  return ok({
    value: taken.value,
    fingerprint: { digest, rows },
    discard: () => services.ledger.dropBill(id),
  });
}

const create = define({
  method: "post",
  path: "/v1/bills",
  tag: "Money",
  summary: "Compare a provider's bill with the ledger",
  scope: "bills:write",
  audit: "bills.create",
  query: z.strictObject({
    account: z.string().max(64),
    currency: z.string().regex(/^[A-Z]{3}$/, "must be an ISO 4217 code"),
    after: timeField.optional().openapi({
      description: "What the bill is for; left out: from the first text it names to the last.",
    }),
    before: timeField.optional(),
  }),
  stream: { types: ["text/csv"], receive },
  answers: {
    202: {
      description: [
        "The file is whole; `GET /v1/bills/{id}` shows what was found. Columns are `message_id`",
        "(ours or the provider's) or `provider_message_id`, `segments` and `amount`; others are",
        "left out and nothing of them is kept. The same file again is the same bill.",
      ].join(" "),
      schema: z.object({ id: z.string(), job: z.string().nullable() }),
    },
  },
  problems: REFUSALS.post,
  async handle({ services }, { query, streamed }) {
    if (!services.accounts.some((one) => one.id === query.account)) {
      await services.ledger.dropBill(streamed.id);
      return invalid("account", "is no account at a provider");
    }
    const at = (text: string | undefined) => (text === undefined ? null : Date.parse(text));
    const { account, currency } = query;
    const order = { account, currency, after: at(query.after), before: at(query.before) };
    const begun = await services.ledger.beginBill(streamed, order, services.later);
    return { status: 202, body: begun };
  },
});

const billSchema = z.object({
  id: z.string(),
  job: z.string().nullable(),
  account: z.string().nullable(),
  currency: z.string().nullable(),
  status: z.enum(["uploading", "comparing", "done"]),
  rows: z.int(),
  created_at: z.string(),
});

const showBill = ({ id, job, account, currency, status, rows, createdAt }: Bill) => ({
  ...{ id, job, account, currency, status, rows },
  created_at: rfc3339(createdAt),
});

const list = define({
  method: "get",
  path: "/v1/bills",
  tag: "Money",
  summary: "Bills, newest first",
  scope: "bills:read",
  query: z.strictObject(pageQuery),
  answers: { 200: { description: "One page.", schema: pageSchema(billSchema.openapi("Bill")) } },
  problems: REFUSALS.list,
  async handle({ services, principal }, { query: { limit, cursor } }) {
    const refused = refuseBound(principal);
    if (refused) return refused;
    return answerPage(await listBills(services.db, cursor, limit + 1), limit, showBill);
  },
});

const sideSchema = z
  .object({ segments: z.int().nullable(), amount: z.string().nullable() })
  .nullable();

/** A row's number, or a text of ours that the bill lacks. */
const lineCursor = cursorOf(/^(\d{9}|msg_[0-9A-Z]{26})$/);

const lineSchema = z.object({
  row: z.int().nullable().openapi({ description: "Null: the bill has no such row." }),
  name: z.string(),
  verdict: z.enum(VERDICTS),
  message: z.string().nullable(),
  theirs: sideSchema,
  ours: sideSchema,
});

const side = (segments: number | null, amount: number | null) => ({
  segments,
  amount: amount === null ? null : fromMicros(BigInt(amount)),
});

function showLine(one: BillLine) {
  const isOurs = one.verdict === "missing_there";
  return {
    row: isOurs ? null : Number(one.line),
    name: one.name,
    verdict: one.verdict,
    message: one.message,
    theirs: isOurs ? null : side(one.segments, one.amount),
    ours: one.message === null ? null : side(one.ourSegments, one.ourAmount),
  };
}

const read = define({
  method: "get",
  path: "/v1/bills/{id}",
  tag: "Money",
  summary: "How a bill and the ledger compare, and one page of the lines of a verdict",
  scope: "bills:read",
  query: z.strictObject({
    ...pageQuery,
    cursor: lineCursor,
    verdict: z.enum(VERDICTS).default("different"),
  }),
  answers: {
    200: {
      description: [
        "`missing_here`: billed without a text of ours. `missing_there`: a text of ours that the",
        "bill lacks. `different`: other segments or another amount, each side's told.",
      ].join(" "),
      schema: billSchema.extend({
        counts: z.record(z.enum(VERDICTS), z.int()),
        data: z.array(lineSchema),
        next_cursor: z.string().nullable(),
      }),
    },
  },
  problems: REFUSALS.list,
  async handle({ services, principal }, { params, query: { limit, cursor, verdict } }) {
    if (refuseBound(principal)) return problem("not-found");
    const bill = await findBill(services.db, params.id ?? "");
    if (!bill || bill.account === null) return problem("not-found");
    const filter = { bill: bill.id, verdict, after: cursor };
    const [found, lines] = await Promise.all([
      countVerdicts(services.db, bill.id),
      pageLines(services.db, filter, limit + 1),
    ]);
    const rows = lines.map((line) => ({ id: line.line, line }));
    const page = answerPage(rows, limit, ({ line }) => showLine(line));
    const counts = Object.fromEntries(VERDICTS.map((one) => [one, found.get(one) ?? 0]));
    return { status: 200, body: { ...showBill(bill), counts, ...(page.body as object) } };
  },
});

export const billEndpoints = [create, list, read];
