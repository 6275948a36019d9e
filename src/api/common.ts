import { z } from "@hono/zod-openapi";
import { canonicalLocale } from "../storefronts/storefront.ts";
import type { Answer } from "./endpoint.ts";
import type { ProblemSlug } from "./problem.ts";

const everyRequest = ["unauthorized", "forbidden", "ip-not-allowed", "credential-in-url"] as const;

/** How every request of a kind can be refused. */
export const REFUSALS = {
  read: [...everyRequest, "not-found"],
  list: [...everyRequest, "invalid-request", "not-found"],
  write: [
    ...everyRequest,
    "malformed-json",
    "payload-too-large",
    "unsupported-media-type",
    "invalid-request",
    "not-found",
    "conflict",
  ],
  post: [
    ...everyRequest,
    "malformed-json",
    "payload-too-large",
    "unsupported-media-type",
    "invalid-request",
    "not-found",
    "conflict",
    "idempotency-in-flight",
    "idempotency-key-reused",
  ],
} as const satisfies Record<string, readonly ProblemSlug[]>;

/** Reads a number that carries no country code. */
export const countryField = z
  .string()
  .regex(/^[A-Z]{2}$/, "must be an ISO 3166-1 code such as CN")
  .optional();

/** Of one in a batch: the others went through. */
export const problemInBatch = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

export const storefrontField = z.string().max(64).optional();

/** A point in time, which says how far its clock is from UTC. */
export const timeField = z.iso.datetime({ offset: true });

/** A language tag, as it is written everywhere. */
export const localeField = z
  .string()
  .refine((text) => canonicalLocale(text) !== null, "must be a language tag such as zh-CN")
  .transform((text) => canonicalLocale(text) ?? text)
  .openapi({ type: "string", example: "zh-CN" });

/** What a list hands out as `next_cursor`; anything else would name some page, and a wrong one. */
export const cursorOf = (pattern: RegExp) =>
  z.string().max(64).regex(pattern, "must be the next_cursor of a page").optional();

/** Of lists that go by id. */
export const idCursor = cursorOf(/^[a-z]{3}_[0-9A-Za-z_-]{20,}$/);

/** Of lists that go by something a client named. */
export const nameCursor = z.string().max(64).optional();

/** What every list can be asked with. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: idCursor,
};

export const pageSchema = <T extends z.ZodType>(row: T) =>
  z.object({ data: z.array(row), next_cursor: z.string().nullable() });

/** One page of rows, of which one more than `limit` was read. */
export function answerPage<T extends { readonly id: string }>(
  rows: readonly T[],
  limit: number,
  show: (row: T) => unknown,
): Answer {
  const shown = rows.slice(0, limit);
  const next_cursor = rows.length > limit ? (shown.at(-1)?.id ?? null) : null;
  return { status: 200, body: { data: shown.map(show), next_cursor } };
}
