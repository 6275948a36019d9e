import type { AbuseRules } from "../compliance/rules.ts";
import { fail, type Result } from "../lib/result.ts";
import { type PhoneRefusal, readPhone, type TypedPhone } from "../phone/e164.ts";
import { measureText } from "../templates/segments.ts";
import { render } from "../templates/template.ts";

/** The number that a code is for: of any type where the rule of types is not in force. */
export function readDestination(
  { number_types: { mode, allowed } }: Pick<AbuseRules, "number_types">,
  to: unknown,
  country: string,
): Result<TypedPhone, PhoneRefusal> {
  const read = readPhone(to, country);
  if (!read.ok || mode !== "enforce" || allowed.includes(read.value.type)) return read;
  return fail({ code: "phone-invalid", why: "not-mobile" });
}

/** What a code is billed as: every code of a length takes the same room. */
export const segmentsOf = (
  { sender, body, country }: { sender: string; body: string; country: string },
  codeLength: number,
): number =>
  measureText(`【${sender}】${render(body, { code: "0".repeat(codeLength) })}`, {
    mainland: country === "CN",
  }).segments;
