import { z } from "@hono/zod-openapi";
import { isAhead } from "../audience/contact-fields.ts";
import { agreeAnew, STANDS } from "../compliance/permissions/agree-anew.ts";
import { openEvidence, recordConsent } from "../compliance/permissions/change.ts";
import { evidenceSchema } from "../compliance/permissions/evidence.ts";
import { consentsOf, suppressionsOf } from "../compliance/permissions/store.ts";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import { countryField, REFUSALS, storefrontField, timeField } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { invalid } from "./problem.ts";
import { readNumber } from "./recipient.ts";
import { define } from "./services.ts";
import { permissionScope } from "./suppressions.ts";

/** A person who consents more often than this is a loop in somebody's code. */
const MOST_SHOWN = 200;

export const consentFields = {
  scope: permissionScope,
  source: z.string().trim().min(1).max(100).openapi({ example: "checkout" }),
  text_version: z.string().trim().min(1).max(100).openapi({ example: "2026-03" }),
  at: timeField,
};

const consentSchema = z
  .object({
    id: z.string(),
    to: z.string(),
    scope: permissionScope,
    source: z.string(),
    text_version: z.string(),
    at: z.string(),
    recorded_at: z.string(),
    evidence: evidenceSchema.nullable(),
  })
  .openapi("Consent");

const create = define({
  method: "post",
  path: "/v1/consents",
  tag: "Audience and compliance",
  summary: "Record that a person agreed to texts; the answer says whether that has any effect",
  scope: "consents:write",
  audit: "consents.create",
  body: z.strictObject({
    to: z.string(),
    country: countryField,
    storefront: storefrontField,
    ...consentFields,
    evidence: evidenceSchema.optional().openapi({
      description: "In words or by field: who asks for texts says how often and for how long.",
      example: { channel: "checkout", frequency: "2 a week", ip: "203.0.113.7", file_hash: "9f86" },
    }),
  }),
  answers: {
    201: {
      description: "Recorded.",
      schema: consentSchema.extend({
        suppressed: z
          .array(permissionScope)
          .openapi({ description: "What the number has opted out of all the same." }),
        effective: z.boolean().openapi({ description: "No opt-out stands against it." }),
        lifted: z.boolean().openapi({
          description: [
            "It ended an opt-out: of offers, made by the person's own reply and nobody else,",
            "before `at`, and with `evidence` that he agreed anew.",
          ].join(" "),
        }),
        reason: z
          .object({ en: z.string(), zh: z.string() })
          .nullable()
          .openapi({ description: "Why it has no effect." }),
      }),
    },
  },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const number = readNumber(body, storefront);
    if ("problem" in number) return number;
    const { services, principal } = call;
    const at = Date.parse(body.at);
    const now = services.clock.now();
    if (isAhead(body, now)) return invalid("at", "lies in the future");
    const to = number.e164;
    const { scope, source } = body;
    const evidence = body.evidence ?? null;
    const consent = {
      storefront: storefront.id,
      to,
      scope,
      source,
      textVersion: body.text_version,
      at,
      evidence,
    };
    const id = await recordConsent(services.permissions, consent);
    const { lifted, stands } = await agreeAnew(services.permissions, consent);
    if (lifted) {
      await services.audit.append({
        requestId: null,
        actor: principal.id,
        actorName: principal.person?.name ?? principal.key?.name ?? null,
        action: "suppressions.delete",
        resource: { type: "suppressions", id },
        storefront: storefront.id,
        ip: null,
        summary: {},
      });
    }
    const { suppressed } = await services.permissions.keeper(to).permissions(storefront.id);
    return {
      status: 201,
      body: {
        id,
        to: principal.can("pii:read") ? to : maskPhone(to),
        scope,
        source,
        text_version: body.text_version,
        at: rfc3339(at),
        recorded_at: rfc3339(now),
        evidence,
        suppressed: Object.keys(suppressed),
        effective: stands === null,
        lifted,
        reason: stands && STANDS[stands],
      },
    };
  },
});

const search = define({
  method: "post",
  path: "/v1/consents/search",
  tag: "Audience and compliance",
  summary: "What a number agreed to and opted out of, with the proof",
  scope: "consents:read",
  inSandbox: true,
  audit: { none: "it only reads" },
  reveals: "consents.reveal",
  body: z.strictObject({ to: z.string(), country: countryField, storefront: storefrontField }),
  answers: {
    200: {
      description: "Newest first.",
      schema: z.object({
        data: z.array(consentSchema),
        suppressions: z.array(
          z.object({
            scope: permissionScope,
            reason: z.string(),
            source: z.string(),
            created_at: z.string(),
          }),
        ),
        next_cursor: z.string().nullable(),
      }),
    },
  },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const number = readNumber(body, storefront);
    if ("problem" in number) return number;
    const { services, principal } = call;
    const to = principal.can("pii:read") ? number.e164 : maskPhone(number.e164);
    const indexes = services.keys.blindIndexes(number.e164);
    const [given, suppressions] = await Promise.all([
      consentsOf(services.db, storefront.id, indexes, MOST_SHOWN),
      suppressionsOf(services.db, storefront.id, indexes),
    ]);
    return {
      status: 200,
      body: {
        data: given.map((row) => ({
          id: row.id,
          to,
          scope: row.scope,
          source: row.source,
          text_version: row.textVersion,
          at: rfc3339(row.at),
          recorded_at: rfc3339(row.recordedAt),
          evidence: openEvidence(services.keys, row),
        })),
        suppressions: suppressions.map(({ scope, reason, source, createdAt }) => ({
          scope,
          reason,
          source,
          created_at: rfc3339(createdAt),
        })),
        next_cursor: null,
      },
    };
  },
});

export const consentEndpoints = [create, search];
