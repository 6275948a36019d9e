import { z } from "@hono/zod-openapi";
import { type Person, personOf } from "../privacy/person.ts";
import { countryField, idCursor, REFUSALS, storefrontField } from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { messageSchema, showMessage } from "./message-view.ts";
import { type Problem, problem } from "./problem.ts";
import { readAnyNumber } from "./recipient.ts";
import { define, type Services } from "./services.ts";

const TAG = "Privacy";

const personFields = {
  to: z.string().openapi({ example: "+86 138 0013 8000" }),
  country: countryField,
  storefront: storefrontField.openapi({
    description: "Left out: the key's own; of a key that is bound to none, all of them.",
  }),
};

interface Named {
  readonly to: string;
  readonly country?: string | undefined;
  readonly storefront?: string | undefined;
}

function whom(call: Call<Services>, body: Named): Person | Problem {
  const storefront = call.storefront(body.storefront);
  if (!storefront) return noStorefront();
  const number = readAnyNumber(body, storefront);
  if ("problem" in number) return number;
  const within = call.principal.storefront ?? body.storefront ?? null;
  return personOf(call.services.keys, number.e164, within);
}

const rotate = define({
  method: "post",
  path: "/v1/privacy/rotations",
  tag: TAG,
  summary: "Rewrite all that an older data key made under the newest one",
  scope: "privacy:write",
  audit: "privacy.rotate",
  answers: {
    202: {
      description: "`GET /v1/jobs/{id}` says how far it is; one that goes on already is that one.",
      schema: z.object({ job: z.string() }),
    },
  },
  problems: REFUSALS.post,
  async handle({ services, principal }) {
    if (principal.storefront !== null) {
      return problem("forbidden", "Keys serve all storefronts; this key is bound to one.");
    }
    return { status: 202, body: { job: await services.privacy.beginRotation() } };
  },
});

const erase = define({
  method: "post",
  path: "/v1/privacy/erasures",
  tag: TAG,
  summary: "Forget a person, as far and as soon as the law allows",
  scope: "privacy:write",
  audit: "privacy.erase",
  body: z.strictObject({ ...personFields, reason: z.string().trim().min(1).max(500) }),
  answers: {
    200: {
      description:
        "What became of it. Messages younger than the law allows to delete are blocked: nobody sees number or text. Opt-outs and the audit log stay.",
      schema: z
        .object({
          blocked: z.int(),
          wiped: z.int(),
          held: z.int().openapi({ description: "Messages of a campaign under a legal hold." }),
          others: z.record(z.string(), z.int()),
        })
        .openapi("Erasure"),
    },
  },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    const person = whom(call, body);
    if ("problem" in person) return person;
    const { e164, storefront } = person;
    const erased = await call.services.privacy.erasePerson(e164, storefront);
    if (erased.ok) return { status: 200, body: erased.value, storefront };
    return problem("conflict", "A legal hold keeps what concerns this number.");
  },
});

const exportAll = define({
  method: "post",
  path: "/v1/privacy/exports",
  tag: TAG,
  summary: "All that is kept of a person; takes `pii:read` as well",
  scope: "privacy:read",
  audit: { none: "it only reads, and `reveals` enters it" },
  stepUp: true,
  reveals: "privacy.export",
  body: z.strictObject({
    ...personFields,
    limit: z.int().min(1).max(200).default(200),
    cursor: idCursor,
  }),
  answers: {
    200: {
      description: "Messages page by page, newest first; the rest comes with the first page.",
      schema: z
        .object({
          to: z.string(),
          data: z.array(messageSchema),
          others: z.record(z.string(), z.array(z.unknown())),
          next_cursor: z.string().nullable(),
        })
        .openapi("PersonExport"),
    },
  },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    if (!call.principal.can("pii:read")) {
      return problem("forbidden", "An export shows numbers in full: it takes the scope pii:read.");
    }
    const person = whom(call, body);
    if ("problem" in person) return person;
    const { limit, cursor: below } = body;
    const found = await call.services.privacy.exportPerson(person, { limit, below });
    const shown = found.messages.slice(0, limit);
    const next_cursor = found.messages.length > limit ? (shown.at(-1)?.id ?? null) : null;
    const data = shown.map((row) => showMessage(call, row));
    return {
      status: 200,
      body: { to: person.e164, data, others: found.others, next_cursor },
    };
  },
});

export const privacyEndpoints = [rotate, erase, exportAll];
