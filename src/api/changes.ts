import { z } from "@hono/zod-openapi";
import { eventOfChange } from "../triggers/change.ts";
import { isTooLarge } from "../triggers/event-body.ts";
import { publishEvents } from "../triggers/publish-events.ts";
import { BATCH_BODY_LIMIT } from "./body.ts";
import { REFUSALS, storefrontField } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { TOO_LARGE_EVENT } from "./events.ts";
import { invalid } from "./problem.ts";
import { define } from "./services.ts";

const row = z.record(z.string().max(100), z.unknown()).nullable().default(null);

const tell = define({
  method: "post",
  path: "/v1/changes",
  tag: "Triggers",
  summary:
    "Tell how a row of your database changed; rules listen to `<table>.created`, `.updated` and `.deleted`",
  scope: "changes:write",
  inSandbox: true,
  audit: { none: "the event log is its record" },
  bodyLimit: BATCH_BODY_LIMIT,
  body: z.strictObject({
    table: z
      .string()
      .regex(/^[A-Za-z][\w./-]{0,63}$/, "must be a name such as orders")
      .openapi({ example: "orders" }),
    key: z.union([z.string().min(1).max(255), z.number()]),
    before: row.openapi({ description: "Conditions see it as `event.before`." }),
    after: row.openapi({ description: "Conditions see it as `event.after`." }),
    storefront: storefrontField,
  }),
  answers: {
    202: {
      description: "It is on record; told again within ten minutes it has no effect.",
      schema: z.object({ id: z.string(), matched: z.array(z.string()) }),
    },
  },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const { services } = call;
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    if (!body.before && !body.after) return invalid("after", "is null, and so is before");
    const { event, earlier } = eventOfChange(body, services.clock.now());
    if (isTooLarge(event)) return TOO_LARGE_EVENT;
    const { events, sandbox } = services;
    const known = await events.find(storefront.id, sandbox, earlier.id);
    if (known && known.createdAt > earlier.after) {
      return { status: 202, body: { id: known.id, matched: known.matched } };
    }
    const [published] = await publishEvents(services, storefront, [event]);
    return { status: 202, body: published };
  },
});

export const changeEndpoints = [tell];
