import type { z } from "@hono/zod-openapi";
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

/** Whether a text is a whole number that says its country. Plain digits may well be an order's. */
export const isNumber = (text: string): boolean => readPhone(text.trim()).ok;

export const NOT_A_NUMBER = "must not be a phone number: it is kept in clear";

/** What a shop calls something of its own by, which is kept and shown as it is. */
export const ownName = (field: z.ZodString) =>
  field.refine((text) => !isNumber(text), NOT_A_NUMBER);
