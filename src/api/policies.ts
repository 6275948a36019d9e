import { z } from "@hono/zod-openapi";
import {
  allPolicies,
  mergePolicies,
  policiesPatchSchema,
  policiesSchema,
} from "../compliance/policies.ts";
import { REFUSALS, storefrontField } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { define } from "./services.ts";

const which = z.strictObject({ storefront: storefrontField });
const shown = policiesSchema.openapi("Policies");

const read = define({
  method: "get",
  path: "/v1/policies",
  tag: "Audience and compliance",
  summary: "Quiet hours, caps, consent and the rest, by category and country",
  scope: "policies:read",
  query: which,
  answers: {
    200: { description: "As they are in force; `*` is any other country.", schema: shown },
  },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    return { status: 200, body: allPolicies(call.services.policies.get(storefront.id) ?? {}) };
  },
});

const merge = define({
  method: "put",
  path: "/v1/policies",
  tag: "Audience and compliance",
  summary: "Change some of the policies; what is left out stays",
  scope: "policies:write",
  audit: "policies.update",
  query: which,
  body: policiesPatchSchema.openapi({
    description: [
      "A row set for a country comes before the one set for `*`, and that before what is built in.",
      "Hours without `weekdays` or `regions` hold for all of them.",
      "`source` and `checked_at` say what a row goes by.",
    ].join(" "),
  }),
  answers: { 200: { description: "All of them, in force from now on.", schema: shown } },
  problems: REFUSALS.write,
  async handle(call, { query, body }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const own = await call.services.changePolicies(storefront.id, (stored) =>
      mergePolicies(stored, body),
    );
    return { status: 200, body: allPolicies(own) };
  },
});

export const policyEndpoints = [read, merge];
