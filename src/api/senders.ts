import { z } from "@hono/zod-openapi";
import { rfc3339 } from "../lib/time.ts";
import { fileSender } from "../senders/file-sender.ts";
import { followSender } from "../senders/poll-senders.ts";
import { SENDER_NAME, senderStatus } from "../senders/sender.ts";
import { createSender, pageSenders, type StoredSender } from "../senders/store.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS, storefrontField } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { define, type Services } from "./services.ts";

const status = z.enum(["submitted", "approved", "rejected"]);

const senderSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    storefront: z.string(),
    status: status.openapi({ description: "Approved once any provider has it." }),
    filings: z.array(
      z.object({
        account: z.string(),
        provider: z.string().nullable(),
        status,
        carrier_state: z.string().nullable().openapi({
          description:
            "The carriers' real-name register, where the vendor shows it; `registered`: all have it.",
        }),
        detail: z.string().nullable(),
      }),
    ),
    created_at: z.string(),
  })
  .openapi("Sender");

const show = (services: Services, sender: StoredSender) => ({
  id: sender.id,
  name: sender.name,
  storefront: sender.storefront,
  status: senderStatus(sender.filings),
  filings: sender.filings.map((filing) => ({
    account: filing.account,
    provider: services.accounts.find((one) => one.id === filing.account)?.provider.id ?? null,
    status: filing.status,
    carrier_state: filing.carrierState,
    detail: filing.detail,
  })),
  created_at: rfc3339(sender.createdAt),
});

const taken = () => problem("conflict", "The storefront has a sender of this name.");

const create = define({
  method: "post",
  path: "/v1/senders",
  tag: "Senders",
  summary: "File a sender's name with every account that needs it",
  scope: "senders:write",
  audit: "senders.create",
  body: z.strictObject({
    name: z
      .string()
      .regex(SENDER_NAME, "must be 2 to 12 characters without brackets, blanks or commas")
      .openapi({ example: "鸿雁商城" }),
    storefront: storefrontField,
  }),
  answers: { 201: { description: "Filed.", schema: senderSchema } },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const { services } = call;
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    // Before anything is filed: a vendor keeps what it was once told.
    const own = { storefront: storefront.id, name: body.name };
    if ((await pageSenders(services.db, own, 1)).length > 0) return taken();
    const filings = await fileSender(services, services.accounts, body.name);
    const sender = { id: services.newId("snd"), ...own };
    const createdAt = services.clock.now();
    if (!(await createSender(services.db, sender, filings, createdAt))) return taken();
    services.changed();
    services.later(followSender(services, sender.id));
    return { status: 201, body: show(services, { ...sender, filings, createdAt }) };
  },
});

const list = define({
  method: "get",
  path: "/v1/senders",
  tag: "Senders",
  summary: "Senders, newest first",
  scope: "senders:read",
  query: z.strictObject({
    ...pageQuery,
    storefront: storefrontField,
    name: z.string().max(12).optional(),
  }),
  answers: { 200: { description: "One page.", schema: pageSchema(senderSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const { limit, cursor, storefront, name } = query;
    if (storefront && !call.storefront(storefront)) return noStorefront();
    const filter = { name, storefront: call.principal.storefront ?? storefront, below: cursor };
    const rows = await pageSenders(call.services.db, filter, limit + 1);
    return answerPage(rows, limit, (row) => show(call.services, row));
  },
});

const read = define({
  method: "get",
  path: "/v1/senders/{id}",
  tag: "Senders",
  summary: "One sender with its filings",
  scope: "senders:read",
  answers: { 200: { description: "As it stands.", schema: senderSchema } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const filter = { id: params.id ?? "", storefront: call.principal.storefront ?? undefined };
    const [found] = await pageSenders(call.services.db, filter, 1);
    return found ? { status: 200, body: show(call.services, found) } : problem("not-found");
  },
});

export const senderEndpoints = [create, list, read];
