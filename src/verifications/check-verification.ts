import type { AbuseRules } from "../compliance/rules.ts";
import type { Keys } from "../lib/keys.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { PhoneRefusal } from "../phone/e164.ts";

import type { Storefront } from "../storefronts/storefront.ts";
import { readDestination } from "./destination.ts";
import type { CheckReply, PhoneNumberStub, ReadReply } from "./plan.ts";
import type { Purpose } from "./settings.ts";
import { objectOfVerification, phoneObjectName } from "./verification-id.ts";

export interface VerificationDeps {
  readonly keys: Keys;
  readonly phone: (objectName: string) => PhoneNumberStub;
}

interface Guess {
  readonly code: string;
  readonly context: string | null;
  readonly request: string | null;
}

export type Judged = Extract<CheckReply, { kind: "judged" }>;
export type NotFound = { readonly code: "not-found" };

const judged = (reply: CheckReply): Result<Judged, NotFound> =>
  reply.kind === "judged" ? ok(reply) : fail({ code: "not-found" });

/** Checks a code by the verification's id; the id names the object, so nothing is looked up. */
export async function checkById(
  deps: VerificationDeps,
  input: Guess & { readonly id: string; readonly storefront: string | null },
): Promise<Result<Judged, NotFound>> {
  const objectName = objectOfVerification(deps.keys, input.id);
  if (!objectName) return fail({ code: "not-found" });
  const { id, storefront, code, context, request } = input;
  const plan = { target: { id, storefront }, code, context, request };
  return judged(await deps.phone(objectName).check(plan));
}

/** Checks a code against the newest verification of a number and purpose. */
export async function checkByNumber(
  deps: VerificationDeps & {
    readonly abuse: { readonly rulesOf: (storefront: string) => AbuseRules };
  },
  input: Guess & {
    readonly storefront: Storefront;
    readonly to: unknown;
    readonly country?: string | undefined;
    readonly purpose: Purpose;
  },
): Promise<Result<Judged, PhoneRefusal | NotFound>> {
  const { id, defaultCountry } = input.storefront;
  const rules = deps.abuse.rulesOf(id);
  const phone = readDestination(rules, input.to, input.country ?? defaultCountry);
  if (!phone.ok) return phone;
  const { purpose, code, context, request } = input;
  const plan = { target: { purpose, storefront: id }, code, context, request };
  return judged(await deps.phone(phoneObjectName(deps.keys, phone.value.e164)).check(plan));
}

/** Reads a verification, or ends it when it is pending; `storefront` null finds whosever it is. */
export async function readVerification(
  deps: VerificationDeps,
  input: { readonly id: string; readonly storefront: string | null },
  how: "read" | "cancel" = "read",
): Promise<Result<ReadReply, NotFound>> {
  const objectName = objectOfVerification(deps.keys, input.id);
  const reply = objectName ? await deps.phone(objectName)[how](input.id, input.storefront) : null;
  return reply ? ok(reply) : fail({ code: "not-found" });
}
