import { z } from "@hono/zod-openapi";
import { rfc3339 } from "../lib/time.ts";
import { CATEGORIES } from "../messages/message.ts";
import { pageTemplates, type StoredTemplate } from "../templates/store.ts";
import type { Rule, RuleDefinition, Timing } from "../triggers/rule.ts";
import { pageRules } from "../triggers/store.ts";
import { TIMED_EVENTS } from "../triggers/time-rules.ts";
import type { Call } from "./endpoint.ts";
import { eventName } from "./events.ts";
import type { Services } from "./services.ts";

const LONGEST_DELAY_SECONDS = 90 * 86_400;
const MOST_TEMPLATES = 2_000;

const timing = z
  .strictObject({
    at: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time such as 10:00")
      .default("10:00")
      .openapi({ description: "Where the person is." }),
    days: z.int().min(0).max(730).default(0).openapi({
      description: "After the last order, or before the points expire.",
    }),
  })
  .openapi({ description: `For ${TIMED_EVENTS.join(", ")}.` });

/** What a rule can be given; all but the first three may be left out. */
export const ruleFields = {
  name: z.string().trim().min(1).max(100),
  event: eventName,
  template: z.string().min(1).max(100).openapi({ description: "A `tpl_` id or a name." }),
  condition: z
    .unknown()
    .optional()
    .openapi({
      description: "JSON Logic over `{event, contact}`; `event` is the event's `data`.",
      example: { ">=": [{ var: "event.total" }, 100] },
    }),
  to: z.string().max(200).nullable().optional().openapi({ example: "event.phone" }),
  variables: z
    .record(z.string().max(40), z.string().max(200))
    .optional()
    .openapi({
      description:
        "Paths by variable. Those that are left out take what has their name in the event, or else of the contact.",
      example: { order_no: "event.order_no" },
    }),
  delay_seconds: z.int().min(0).max(LONGEST_DELAY_SECONDS).optional(),
  expires_in: z
    .int()
    .min(1)
    .max(7 * 86_400)
    .nullable()
    .optional()
    .openapi({ description: "Seconds after the event and its delay in which the text is of use." }),
  cancel_on: z.array(eventName).max(20).optional().openapi({
    description: "Events of the same number that take back what still waits.",
  }),
  category: z.enum(CATEGORIES).exclude(["otp"]).nullable().optional(),
  enabled: z.boolean().optional(),
  timing: timing.nullable().optional(),
};

const fieldsSchema = z.object(ruleFields);
type RuleFields = z.infer<typeof fieldsSchema>;

export const ruleSchema = z
  .object({
    id: z.string(),
    storefront: z.string(),
    version: z.int(),
    preset: z.string().nullable(),
    name: z.string(),
    event: z.string(),
    condition: z.unknown(),
    template: z.string(),
    to: z.string().nullable(),
    variables: z.record(z.string(), z.string()),
    delay_seconds: z.int(),
    expires_in: z.int().nullable(),
    cancel_on: z.array(z.string()),
    category: z.string().nullable(),
    enabled: z.boolean(),
    timing: z.object({ at: z.string(), days: z.int() }).nullable(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .openapi("Rule");

const MINUTES = 60;

const readTiming = ({ at, days }: z.infer<typeof timing>): Timing => {
  const [hours = 0, minutes = 0] = at.split(":").map(Number);
  return { atMinute: hours * MINUTES + minutes, days };
};

const showTiming = ({ atMinute, days }: Timing) => {
  const two = (count: number) => String(count).padStart(2, "0");
  return { at: `${two(Math.floor(atMinute / MINUTES))}:${two(atMinute % MINUTES)}`, days };
};

const BLANK = {
  condition: null,
  to: null,
  variables: {},
  delaySeconds: 0,
  expiresIn: null,
  cancelOn: [],
  category: null,
  enabled: true,
  timing: null,
} as const;

/** A new rule of what was said. */
export const newRule = (said: RuleFields): RuleDefinition =>
  changedRule({ ...BLANK, name: said.name, event: said.event, template: said.template }, said);

/** The rule with what was said in it; what was left out stays. */
export const changedRule = (
  base: RuleDefinition,
  said: { readonly [K in keyof RuleFields]?: RuleFields[K] | undefined },
): RuleDefinition => ({
  name: said.name ?? base.name,
  event: said.event ?? base.event,
  condition: said.condition === undefined ? base.condition : said.condition,
  template: said.template ?? base.template,
  to: said.to === undefined ? base.to : said.to,
  variables: said.variables ?? base.variables,
  delaySeconds: said.delay_seconds ?? base.delaySeconds,
  expiresIn: said.expires_in === undefined ? base.expiresIn : said.expires_in,
  cancelOn: said.cancel_on ?? base.cancelOn,
  category: said.category === undefined ? base.category : said.category,
  enabled: said.enabled ?? base.enabled,
  timing: said.timing === undefined ? base.timing : said.timing && readTiming(said.timing),
});

/** A rule as answers show it. */
export const showRule = (rule: Rule) => ({
  id: rule.id,
  storefront: rule.storefront,
  version: rule.version,
  preset: rule.preset,
  ...showDefinition(rule),
  created_at: rfc3339(rule.createdAt),
  updated_at: rfc3339(rule.updatedAt),
});

export const showDefinition = (rule: RuleDefinition) => ({
  name: rule.name,
  event: rule.event,
  condition: rule.condition,
  template: rule.template,
  to: rule.to,
  variables: rule.variables,
  delay_seconds: rule.delaySeconds,
  expires_in: rule.expiresIn,
  cancel_on: rule.cancelOn,
  category: rule.category,
  enabled: rule.enabled,
  timing: rule.timing && showTiming(rule.timing),
});

/** The rule of an id, as far as the caller may see it. */
export async function ownRule(call: Call<Services>, id: string | undefined): Promise<Rule | null> {
  const filter = { id: id ?? "", storefront: call.principal.storefront ?? undefined };
  return (await pageRules(call.services.db, filter, 1))[0] ?? null;
}

/** Templates that a rule may name, approved or not. */
export const templatesOf = (call: Call<Services>, storefront: string): Promise<StoredTemplate[]> =>
  pageTemplates(call.services.db, { storefront }, MOST_TEMPLATES);
