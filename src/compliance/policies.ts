import canonicalize from "canonicalize";
import { z } from "zod";
import { CATEGORIES, type Category } from "../messages/message.ts";
import { isCountry } from "../storefronts/storefront.ts";
import { BUILT_IN } from "./built-in-policies.ts";
import { isDayOff, type QuietHours, WEEKDAYS } from "./quiet-hours.ts";

/** The law asks that what was sent can be shown for half a year. */
export const LEAST_RETENTION_DAYS = 185;

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time such as 21:00");
const cap = z.int().min(0).max(10_000).nullable();

const hours = z.strictObject({ from: time, to: time });
const weekdays = z.partialRecord(z.enum(WEEKDAYS), hours).optional();
const dayOff = z
  .string()
  .refine(isDayOff, "must be a weekday, MM-DD, YYYY-MM-DD or days from Easter such as easter+1");
const quiet = z.strictObject({
  ...hours.shape,
  days_off: z.array(dayOff).max(400),
  weekdays,
  regions: z
    .record(z.string().regex(/^[A-Z0-9]{1,3}$/), z.strictObject({ ...hours.shape, weekdays }))
    .optional(),
});
const caps = z.strictObject({ per_day: cap, per_week: cap });
const rest = {
  same_content_seconds: z.int().min(0).max(86_400),
  opt_out_words: z.array(z.string().trim().min(1).max(40)).max(100),
  // Untrimmed: it begins with the blank that parts it from the text.
  suffix: z
    .string()
    .max(60)
    .regex(/^[^【】{}]*$/, "must not hold 【】 or braces"),
  prefix: z
    .string()
    .max(20)
    .regex(/^[^【】{}]*$/, "must not hold 【】 or braces"),
  consent: z.enum(["required", "none"]),
  retention_days: z.int().min(LEAST_RETENTION_DAYS).max(3_650),
  source: z.string().max(500),
  checked_at: z.iso.date().nullable(),
};

const country = z
  .string()
  .refine((where) => where === "*" || isCountry(where), "must be an ISO 3166-1 code or *");
const category = z.enum(CATEGORIES);

export const policiesSchema = z.record(
  category,
  z.record(country, z.strictObject({ quiet, caps, ...rest })),
);

/** What a change names; the rest stays. */
export const policiesPatchSchema = z.partialRecord(
  category,
  z.record(
    country,
    z.strictObject({ quiet: quiet.partial(), caps: caps.partial(), ...rest }).partial(),
  ),
);

/** What a category of texts keeps to in one country. */
export interface Policy {
  readonly quiet: QuietHours;
  /** Texts to one number in rolling windows, over all senders; null is no cap. */
  readonly caps: { readonly per_day: number | null; readonly per_week: number | null };
  /** How long an equal text to the same number is kept back. */
  readonly same_content_seconds: number;
  readonly opt_out_words: readonly string[];
  /** Put behind texts that don't say themselves how to opt out; empty is none. */
  readonly suffix: string;
  /** Put before texts that don't begin with it; empty is none. */
  readonly prefix: string;
  readonly consent: "required" | "none";
  readonly retention_days: number;
  /** What the row goes by, and the day on which that was last read; null: nobody has. */
  readonly source: string;
  readonly checked_at: string | null;
}

/** By category, then by ISO 3166-1 code; `*` is every country that has no row. */
export type Policies = Readonly<Record<Category, Readonly<Record<string, Policy>>>>;
export type PoliciesPatch = z.infer<typeof policiesPatchSchema>;
type PolicyPatch = NonNullable<PoliciesPatch[Category]>[string];

/** What holds where nothing is said; and for test keys, whose numbers nobody has. */
export const UNRULED: Policy = {
  quiet: { from: "00:00", to: "00:00", days_off: [] },
  caps: { per_day: null, per_week: null },
  same_content_seconds: 60,
  opt_out_words: ["STOP"],
  suffix: "",
  prefix: "",
  consent: "none",
  retention_days: LEAST_RETENTION_DAYS,
  source: "",
  checked_at: null,
};

/** What hours go by that a storefront set itself: no law's name may stand beside them. */
const OWN_HOURS = { source: "the storefront's own hours · 店铺自定时段", checked_at: null };

const isEqual = (one: unknown, another: unknown): boolean =>
  canonicalize(one) === canonicalize(another);

function merged(policy: Policy, patch: PolicyPatch | undefined): Policy {
  if (!patch) return policy;
  const { quiet: hours, caps: most, ...others } = patch;
  const given = <T extends object>(part: T | undefined) =>
    Object.fromEntries(Object.entries(part ?? {}).filter(([, value]) => value !== undefined));
  // Who sets the hours of a day sets them for every weekday and region that he does not name.
  const { weekdays: _, regions: __, ...general } = policy.quiet;
  const before = hours?.from === undefined && hours?.to === undefined ? policy.quiet : general;
  const quiet: QuietHours = { ...before, ...given(hours) };
  return {
    ...policy,
    ...(isEqual(quiet, policy.quiet) ? {} : OWN_HOURS),
    ...given(others),
    quiet,
    caps: { ...policy.caps, ...given(most) },
  };
}

/**
 * The policy in force. A storefront's row of the country comes first, then its row `*`, then what
 * is built in for the country: who sets `*` sets it for all countries without a row of his own.
 */
export function policyOf(own: PoliciesPatch, wanted: Category, where: string): Policy {
  const builtIn = BUILT_IN[wanted];
  const base = merged(merged(UNRULED, builtIn["*"]), builtIn[where]);
  const changed = merged(base, own[wanted]?.["*"]);
  return merged(changed, where === "*" ? undefined : own[wanted]?.[where]);
}

/** Every row with what is in force there. */
export function allPolicies(own: PoliciesPatch): Policies {
  const rows = CATEGORIES.map((one) => {
    const countries = new Set([...Object.keys(BUILT_IN[one]), ...Object.keys(own[one] ?? {}), "*"]);
    const row = [...countries].sort().map((where) => [where, policyOf(own, one, where)]);
    return [one, Object.fromEntries(row)];
  });
  return Object.fromEntries(rows);
}

/** A row whose hours change goes no more by what it went by, unless the change says so. */
function withoutOldSource(
  row: PolicyPatch | undefined,
  { quiet: hours, source }: PolicyPatch,
): PolicyPatch | undefined {
  if (!row || !hours || source !== undefined) return row;
  if (isEqual({ ...row.quiet, ...hours }, row.quiet)) return row;
  const { source: _, checked_at: __, ...rest } = row;
  return rest;
}

/** The storefront's own rows after a change. */
export function mergePolicies(own: PoliciesPatch, change: PoliciesPatch): PoliciesPatch {
  const next: Record<string, Record<string, PolicyPatch>> = { ...own };
  for (const [one, rows] of Object.entries(change)) {
    next[one] = { ...next[one] };
    for (const [where, patch] of Object.entries(rows)) {
      const before = withoutOldSource(next[one][where], patch);
      next[one][where] = {
        ...before,
        ...patch,
        ...(patch.quiet || before?.quiet ? { quiet: { ...before?.quiet, ...patch.quiet } } : {}),
        ...(patch.caps || before?.caps ? { caps: { ...before?.caps, ...patch.caps } } : {}),
      };
    }
  }
  return next;
}
