import { z } from "zod";
import { NUMBER_TYPES, type NumberType } from "../phone/e164.ts";
import type { Verdict } from "./verdict.ts";

/** Lines that get codes: others read them out, or earn money with them. */
export const numberTypesNumbers = z.strictObject({
  allowed: z.array(z.enum(NUMBER_TYPES)).min(1).max(NUMBER_TYPES.length),
});

export const numberTypesDefaults: z.infer<typeof numberTypesNumbers> = { allowed: ["mobile"] };

export function numberTypesVerdict(
  { numberType }: { readonly numberType: NumberType },
  { allowed }: z.infer<typeof numberTypesNumbers>,
  now: number,
): Verdict | null {
  if (allowed.includes(numberType)) return null;
  const types = allowed.join(", ");
  return {
    demand: "block",
    until: now,
    en: `The number is of the type ${numberType}; codes go to: ${types}.`,
    zh: `号码类型为 ${numberType}，仅允许：${types}。`,
  };
}
