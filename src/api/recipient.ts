import { type Phone, parsePhone, readPhone } from "../phone/e164.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { Problem } from "./problem.ts";
import { phoneProblem } from "./send-problems.ts";

interface Named {
  readonly to: string;
  readonly country?: string | undefined;
}

/** The number that a body names, read as the storefront's customers write it. */
export function readNumber({ to, country }: Named, storefront: Storefront): Phone | Problem {
  const parsed = parsePhone(to, country ?? storefront.defaultCountry);
  return parsed.ok ? parsed.value : phoneProblem(parsed.error);
}

/** The same of any line: one that got a code, under rules that let it, is somebody's as well. */
export function readAnyNumber({ to, country }: Named, storefront: Storefront): Phone | Problem {
  const read = readPhone(to, country ?? storefront.defaultCountry);
  return read.ok ? read.value : phoneProblem(read.error);
}
