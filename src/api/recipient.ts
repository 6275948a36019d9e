import { type Phone, parsePhone } from "../phone/e164.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { Problem } from "./problem.ts";
import { phoneProblem } from "./verifications.ts";

/** The number that a body names, read as the storefront's customers write it. */
export function readNumber(
  { to, country }: { readonly to: string; readonly country?: string | undefined },
  storefront: Storefront,
): Phone | Problem {
  const parsed = parsePhone(to, country ?? storefront.defaultCountry);
  return parsed.ok ? parsed.value : phoneProblem(parsed.error);
}
