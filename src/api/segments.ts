import { z } from "@hono/zod-openapi";
import { readFilter } from "../audience/read-filter.ts";
import type { Segment } from "../audience/segment.ts";
import {
  changeSegment,
  createSegment,
  deleteSegment,
  findSegment,
  pageSegments,
} from "../audience/store.ts";
import { rfc3339 } from "../lib/time.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS, storefrontField } from "./common.ts";
import { contactSchema, showContact } from "./contact-view.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { invalid, problem } from "./problem.ts";
import { define, type Services } from "./services.ts";

const TAG = "Audience and compliance";

const FILTER_HELP = [
  'A tree of `{"all": […]}`, `{"any": […]}` and `{"not": …}` over `{"attribute", "op", "value"}`,',
  '`{"event", "op", "value", "within_days"}`, `{"lifecycle"}` and `{"engagement", "within_days"}`;',
  'at most 8 deep and 100 tests; `{"all": []}` is everybody.',
  "A list meets a test if one of its entries does; `ne` holds for who has no value; dates are",
  "compared as `2026-05-01`. Of a contact's own fields `country`, `city`, `locale`, `timezone`,",
  "`birthday`, `birthday_month`, `orders`, `spent`, `last_order_on`, `known_since` and the scores",
  "`rfm_recency`, `rfm_frequency` and `rfm_monetary` (1 to 5, fifths of the storefront's customers,",
  "5 the most; worked out each day, none for who never bought) are tested like attributes.",
  "An attribute of such a name comes before the field. Days are those of UTC.",
].join(" ");

const filterField = z
  .record(z.string(), z.unknown())
  .openapi({ type: "object", description: FILTER_HELP });

const nameField = z.string().trim().min(1).max(100);

const segmentSchema = z
  .object({
    id: z.string(),
    storefront: z.string(),
    name: z.string(),
    filter: filterField,
    created_at: z.string(),
    updated_at: z.string(),
  })
  .openapi("Segment");

const show = ({ createdAt, updatedAt, ...segment }: Segment) => ({
  ...segment,
  created_at: rfc3339(createdAt),
  updated_at: rfc3339(updatedAt),
});

const one = (description: string) => ({ description, schema: segmentSchema });

/** The segment of an id, as far as the caller may see it. */
const ownSegment = ({ services, principal }: Call<Services>, id: string | undefined) =>
  findSegment(services.db, id ?? "", principal.storefront ?? undefined);

const create = define({
  method: "post",
  path: "/v1/segments",
  tag: TAG,
  summary: "Name the people that a filter finds",
  scope: "segments:write",
  audit: "segments.create",
  body: z.strictObject({ name: nameField, filter: filterField, storefront: storefrontField }),
  answers: { 201: one("As it stands.") },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const { services } = call;
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const filter = readFilter(body.filter);
    if (!filter.ok) return invalid(filter.error.path, filter.error.message);
    const now = services.clock.now();
    const segment: Segment = {
      id: services.newId("seg"),
      storefront: storefront.id,
      name: body.name,
      filter: filter.value,
      createdAt: now,
      updatedAt: now,
    };
    await createSegment(services.db, segment);
    return { status: 201, body: show(segment) };
  },
});

const list = define({
  method: "get",
  path: "/v1/segments",
  tag: TAG,
  summary: "Segments, newest first",
  scope: "segments:read",
  query: z.strictObject({ ...pageQuery, storefront: storefrontField }),
  answers: { 200: { description: "One page.", schema: pageSchema(segmentSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront } }) {
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const filter = { storefront: call.principal.storefront ?? storefront, below: cursor };
    return answerPage(await pageSegments(call.services.db, filter, limit + 1), limit, show);
  },
});

const read = define({
  method: "get",
  path: "/v1/segments/{id}",
  tag: TAG,
  summary: "One segment",
  scope: "segments:read",
  answers: { 200: one("As it stands.") },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownSegment(call, params.id);
    return found ? { status: 200, body: show(found) } : problem("not-found");
  },
});

const edit = define({
  method: "patch",
  path: "/v1/segments/{id}",
  tag: TAG,
  summary: "Rename a segment or change its filter; what is left out stays",
  scope: "segments:write",
  audit: "segments.update",
  body: z.strictObject({ name: nameField, filter: filterField }).partial(),
  answers: { 200: one("As it stands now.") },
  problems: REFUSALS.write,
  async handle(call, { body, params }) {
    const { services } = call;
    const found = await ownSegment(call, params.id);
    if (!found) return problem("not-found");
    const filter = body.filter === undefined ? null : readFilter(body.filter);
    if (filter && !filter.ok) return invalid(filter.error.path, filter.error.message);
    // What was left out may be changed by somebody else at this moment.
    const changed = await changeSegment(services.db, found.id, {
      ...(body.name === undefined ? {} : { name: body.name }),
      ...(filter ? { filter: filter.value } : {}),
      updatedAt: services.clock.now(),
    });
    return changed ? { status: 200, body: show(changed) } : problem("not-found");
  },
});

const remove = define({
  method: "delete",
  path: "/v1/segments/{id}",
  tag: TAG,
  summary: "Delete a segment; the people stay",
  scope: "segments:write",
  audit: "segments.delete",
  answers: { 200: { description: "It is gone.", schema: z.object({ id: z.string() }) } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownSegment(call, params.id);
    if (!found) return problem("not-found");
    await deleteSegment(call.services.db, found.id);
    return { status: 200, body: { id: found.id }, storefront: found.storefront };
  },
});

const preview = define({
  method: "post",
  path: "/v1/segments/preview",
  tag: TAG,
  summary: "How many a filter finds at this moment, those who opted out included, and some of them",
  scope: "segments:read",
  inSandbox: true,
  audit: { none: "it only reads" },
  reveals: "segments.reveal",
  body: z.strictObject({ filter: filterField, storefront: storefrontField }),
  answers: {
    200: {
      description: "As many as a campaign would go over now.",
      schema: z.object({ count: z.int(), sample: z.array(contactSchema) }),
    },
  },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const filter = readFilter(body.filter);
    if (!filter.ok) return invalid(filter.error.path, filter.error.message);
    const audience = { storefront: storefront.id, filter: filter.value };
    const { count, sample } = await call.services.audience.preview(audience);
    return { status: 200, body: { count, sample: sample.map((one) => showContact(call, one)) } };
  },
});

export const segmentEndpoints = [preview, create, list, read, edit, remove];
