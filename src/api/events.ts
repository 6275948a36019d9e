import { z } from "@hono/zod-openapi";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import { parsePhone } from "../phone/e164.ts";
import type { Outcome, StoredEvent } from "../triggers/event.ts";
import { type NewEvent, OUTCOME_REASONS, OUTCOME_STATUSES } from "../triggers/event.ts";
import { isTooLarge } from "../triggers/event-body.ts";
import { publishEvents } from "../triggers/publish-events.ts";
import { BATCH_BODY_LIMIT } from "./body.ts";
import {
  countryField,
  cursorOf,
  pageQuery,
  pageSchema,
  problemInBatch,
  REFUSALS,
  storefrontField,
  timeField,
} from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { refusePeople } from "./event-people.ts";
import { problem, problemBody } from "./problem.ts";
import { ownName } from "./recipient.ts";
import { define, type Services } from "./services.ts";

const MOST_EVENTS = 1_000;

export const TOO_LARGE_EVENT = problem(
  "payload-too-large",
  "An event holds at most 1 MB, compressed.",
);

export const eventName = z
  .string()
  .regex(/^[A-Za-z][\w./-]{0,99}$/, "must be a name such as order.paid")
  .openapi({ example: "order.paid" });

const eventFields = {
  id: ownName(
    z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/, "must be 1 to 128 printable ASCII characters without blanks"),
  )
    .optional()
    .openapi({ description: "Yours: the same one again has no effect. Left out: a new one." }),
  name: eventName,
  // Any length: the gate refuses what is no number, in its own words.
  to: z.string().optional().openapi({ example: "+86 138 0013 8000" }),
  country: countryField,
  contact: z.string().max(64).optional().openapi({ description: "A `ctc_` id, and no `to` then." }),
  data: z
    .record(z.string().max(100), z.unknown())
    .default({})
    .openapi({ description: "`locale` in it, if any, chooses the language of the text." }),
  occurred_at: timeField.optional().openapi({ description: "Delays count from here." }),
};

const publishedSchema = z
  .object({ id: z.string(), matched: z.array(z.string()).openapi({ description: "Rules." }) })
  .openapi("PublishedEvent");

const outcomeSchema = z.object({
  rule: z.string(),
  status: z.enum(OUTCOME_STATUSES),
  message: z.string().nullable(),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  explanation: z.object({ en: z.string(), zh: z.string() }).nullable(),
  due_at: z.string().nullable().openapi({ description: "While it is waiting." }),
});

const eventSchema = z
  .object({
    id: z.string(),
    storefront: z.string(),
    name: z.string(),
    to: z.string().nullable(),
    contact: z.string().nullable(),
    data: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: "Null without `pii:read`: it may name people and numbers." }),
    matched: z.array(z.string()),
    occurred_at: z.string(),
    created_at: z.string(),
  })
  .openapi("Event");

const fullEventSchema = eventSchema
  .extend({ outcomes: z.array(outcomeSchema) })
  .openapi("EventWithOutcomes");

type EventFields = z.infer<z.ZodObject<typeof eventFields>>;

const toEvent = (told: EventFields): NewEvent => ({
  id: told.id ?? null,
  name: told.name,
  to: told.to ?? null,
  country: told.country ?? null,
  contact: told.contact ?? null,
  data: told.data,
  occurredAt: told.occurred_at === undefined ? null : Date.parse(told.occurred_at),
});

function showNumber(call: Call<Services>, { to, country, storefront }: StoredEvent): string | null {
  if (to === null) return null;
  if (call.principal.can("pii:read")) return to;
  const own = call.services.storefronts.find((one) => one.id === storefront);
  const phone = parsePhone(to, country ?? own?.defaultCountry);
  return phone.ok ? maskPhone(phone.value.e164) : "****";
}

const showEvent = (call: Call<Services>, event: StoredEvent) => ({
  id: event.id,
  storefront: event.storefront,
  name: event.name,
  to: showNumber(call, event),
  contact: event.contact,
  data: call.principal.can("pii:read") ? event.data : null,
  matched: event.matched,
  occurred_at: rfc3339(event.occurredAt),
  created_at: rfc3339(event.createdAt),
});

const showOutcome = ({ rule, status, message, reason, detail, dueAt }: Outcome) => ({
  rule,
  status,
  message,
  reason,
  detail,
  explanation: reason && OUTCOME_REASONS[reason],
  due_at: status === "waiting" ? rfc3339(dueAt) : null,
});

const publish = define({
  method: "post",
  path: "/v1/events",
  tag: "Triggers",
  summary: "Tell what happened; the rules that listen send their texts, once an id",
  scope: "events:write",
  inSandbox: true,
  audit: { none: "the event log is its record" },
  body: z.strictObject({ ...eventFields, storefront: storefrontField }),
  answers: {
    202: { description: "It is on record, with all it led to.", schema: publishedSchema },
  },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const event = toEvent(body);
    const [refused] = await refusePeople(call, storefront, [event]);
    if (refused) return refused;
    const [published] = await publishEvents(call.services, storefront, [event]);
    return { status: 202, body: published };
  },
});

const publishBatch = define({
  method: "post",
  path: "/v1/events/batch",
  tag: "Triggers",
  summary: "Tell of up to 1,000 events, in their order",
  scope: "events:write",
  inSandbox: true,
  audit: { none: "the event log is its record" },
  bodyLimit: BATCH_BODY_LIMIT,
  body: z.strictObject({
    events: z.array(z.strictObject(eventFields)).min(1).max(MOST_EVENTS),
    storefront: storefrontField,
  }),
  answers: {
    202: {
      description: "One for one, in the order of the request; one with a `problem` was not told.",
      schema: z.object({
        data: z.array(z.union([publishedSchema, z.object({ problem: problemInBatch })])),
      }),
    },
  },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const events = body.events.map(toEvent);
    const people = await refusePeople(call, storefront, events);
    const refused = events.map((event, at) => people[at] ?? (isTooLarge(event) && TOO_LARGE_EVENT));
    const fit = events.filter((_, at) => !refused[at]);
    const published = (await publishEvents(call.services, storefront, fit)).values();
    const data = refused.map((why) =>
      why ? { problem: problemBody(why) } : published.next().value,
    );
    return { status: 202, body: { data } };
  },
});

const list = define({
  method: "get",
  path: "/v1/events",
  tag: "Triggers",
  summary: "Events, newest first",
  scope: "events:read",
  reveals: "events.reveal",
  query: z.strictObject({
    ...pageQuery,
    cursor: cursorOf(/^[0-9A-Z]{26}$/),
    storefront: storefrontField,
    name: eventName.optional(),
    after: timeField.optional(),
    before: timeField.optional(),
  }),
  answers: { 200: { description: "One page.", schema: pageSchema(eventSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const { limit, cursor, name, after, before } = query;
    if (query.storefront && !call.storefront(query.storefront)) return noStorefront();
    const rows = await call.services.events.page(
      {
        storefront: call.principal.storefront ?? query.storefront,
        sandbox: call.services.sandbox,
        name,
        after: after === undefined ? undefined : Date.parse(after),
        before: before === undefined ? undefined : Date.parse(before),
        below: cursor,
      },
      limit + 1,
    );
    const shown = rows.slice(0, limit);
    const next_cursor = rows.length > limit ? (shown.at(-1)?.key ?? null) : null;
    return { status: 200, body: { data: shown.map((row) => showEvent(call, row)), next_cursor } };
  },
});

const read = define({
  method: "get",
  path: "/v1/events/{id}",
  tag: "Triggers",
  summary: "One event, and what each rule made of it",
  scope: "events:read",
  reveals: "events.reveal",
  query: z.strictObject({ storefront: storefrontField }),
  answers: { 200: { description: "As it stands.", schema: fullEventSchema } },
  problems: REFUSALS.list,
  async handle(call, { params, query }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const { events, sandbox } = call.services;
    const found = await events.find(storefront.id, sandbox, params.id ?? "");
    if (!found) return problem("not-found");
    const outcomes = (await events.outcomesOf(found.key)).map(showOutcome);
    return { status: 200, body: { ...showEvent(call, found), outcomes } };
  },
});

export const eventEndpoints = [publish, publishBatch, list, read];
