import { z } from "zod";

const short = z.string().trim().min(1).max(100);

/** How a consent can be shown: in words, or field by field; what has no field here may have its own. */
export const evidenceSchema = z.union([
  z.string().trim().min(1).max(2_000),
  z
    .object({
      channel: short.optional(),
      frequency: short.optional(),
      period: short.optional(),
      ip: z.union([z.ipv4(), z.ipv6()]).optional(),
      file_hash: short.optional(),
    })
    .catchall(z.union([z.string().max(500), z.number(), z.boolean(), z.null()]))
    .refine((fields) => Object.keys(fields).length > 0, "is empty")
    .refine((fields) => JSON.stringify(fields).length <= 2_000, "is longer than 2,000 characters"),
]);

export type Evidence = string | Readonly<Record<string, unknown>>;

/** No text that anybody sends begins with it. */
const FIELDS = "\u0000";

/** Evidence as one text, to be sealed. */
export const writeEvidence = (evidence: Evidence): string =>
  typeof evidence === "string" ? evidence : FIELDS + JSON.stringify(evidence);

export const readEvidence = (text: string): Evidence =>
  text.startsWith(FIELDS) ? (JSON.parse(text.slice(FIELDS.length)) as Evidence) : text;
