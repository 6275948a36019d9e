import { z } from "@hono/zod-openapi";
import type { Conversion } from "../conversions/conversion.ts";
import { DECIMAL } from "../lib/money.ts";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import { parsePhone } from "../phone/e164.ts";
import { isCurrency, type Storefront } from "../storefronts/storefront.ts";
import {
  answerPage,
  countryField,
  pageQuery,
  pageSchema,
  REFUSALS,
  storefrontField,
  timeField,
} from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { invalid, type Problem, problem } from "./problem.ts";
import { ownName } from "./recipient.ts";
import { phoneProblem } from "./send-problems.ts";
import { define, type Services } from "./services.ts";

const TAG = "Links and conversions";
const LONGEST_WINDOW_DAYS = 90;

const money = z.strictObject({
  amount: z.string().regex(DECIMAL, "must be an amount such as 129.00"),
  currency: z
    .string()
    .refine(isCurrency, "must be an ISO 4217 code such as CNY")
    .openapi({ example: "CNY" }),
});

const conversionSchema = z
  .object({
    id: z.string(),
    storefront: z.string(),
    order_id: z.string(),
    to: z.string().openapi({ description: "Empty once the person is erased." }),
    value: z.object({ amount: z.string(), currency: z.string() }),
    attributed: z
      .object({
        message: z.string(),
        campaign: z.string().nullable(),
        variant: z.string().nullable(),
        by: z.enum(["click", "delivery"]),
      })
      .nullable()
      .openapi({ description: "What led to it; null: nothing within the windows." }),
    occurred_at: z.string(),
    created_at: z.string(),
  })
  .openapi("Conversion");

const show = ({ principal }: Call<Services>, one: Conversion) => ({
  id: one.id,
  storefront: one.storefront,
  order_id: one.orderId,
  to: principal.can("pii:read") || one.to === "" ? one.to : maskPhone(one.to),
  value: one.value,
  attributed: one.attributed,
  occurred_at: rfc3339(one.occurredAt),
  created_at: rfc3339(one.createdAt),
});

/** Whose order it is, in E.164. */
async function buyerOf(
  { services }: Call<Services>,
  storefront: Storefront,
  named: {
    readonly to?: string | undefined;
    readonly country?: string | undefined;
    readonly contact?: string | undefined;
  },
): Promise<string | Problem> {
  if (named.contact !== undefined) {
    const filter = { id: named.contact, storefront: storefront.id };
    const [found] = await services.contacts.page(filter, 1);
    return found?.to ?? problem("not-found", "There is no such contact.");
  }
  const phone = parsePhone(named.to, named.country ?? storefront.defaultCountry);
  return phone.ok ? phone.value.e164 : phoneProblem(phone.error);
}

const create = define({
  method: "post",
  path: "/v1/conversions",
  tag: TAG,
  summary: "Tell of an order; it is put down to the message that led to it, once",
  scope: "conversions:write",
  audit: { none: "the conversion is its own record" },
  body: z
    .strictObject({
      to: z.string().optional().openapi({ example: "+86 138 0013 8000" }),
      country: countryField,
      contact: z.string().max(64).optional().openapi({ description: "A `ctc_` id." }),
      order_id: ownName(z.string().min(1).max(128)),
      value: money,
      occurred_at: timeField.optional(),
      storefront: storefrontField,
    })
    .refine(({ to, contact }) => (to === undefined) !== (contact === undefined), {
      path: ["to"],
      message: "or contact must be given, and not both",
    }),
  answers: {
    200: { description: "Told before: what it came to then.", schema: conversionSchema },
    201: { description: "On record.", schema: conversionSchema },
  },
  problems: [...REFUSALS.post, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const to = await buyerOf(call, storefront, body);
    if (typeof to !== "string") return to;
    const now = call.services.clock.now();
    const { conversion, isNew } = await call.services.conversions.record({
      storefront: storefront.id,
      orderId: body.order_id,
      to,
      value: body.value,
      // What lies ahead has not happened: a clock elsewhere is fast.
      occurredAt: Math.min(
        now,
        body.occurred_at === undefined ? now : Date.parse(body.occurred_at),
      ),
    });
    return { status: isNew ? 201 : 200, body: show(call, conversion) };
  },
});

const list = define({
  method: "get",
  path: "/v1/conversions",
  tag: TAG,
  summary: "Orders, those told last first",
  scope: "conversions:read",
  reveals: "conversions.reveal",
  query: z.strictObject({
    ...pageQuery,
    storefront: storefrontField,
    campaign: z.string().max(64).optional(),
  }),
  answers: { 200: { description: "One page.", schema: pageSchema(conversionSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, campaign, storefront: named } }) {
    const storefront = call.storefront(named);
    if (!storefront) return noStorefront();
    const filter = { storefront: storefront.id, campaign, below: cursor };
    const rows = await call.services.conversions.page(filter, limit + 1);
    return answerPage(rows, limit, (row) => show(call, row));
  },
});

const days = z.int().min(0).max(LONGEST_WINDOW_DAYS);

const windowsSchema = z
  .object({ click_days: days, delivery_days: days })
  .openapi("ConversionSettings");

const readSettings = define({
  method: "get",
  path: "/v1/conversion-settings",
  tag: TAG,
  summary: "How long after a click or a delivery an order is put down to it",
  scope: "conversion_settings:read",
  query: z.strictObject({ storefront: storefrontField }),
  answers: { 200: { description: "As they stand.", schema: windowsSchema } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const { clickDays, deliveryDays } = await call.services.conversions.windowsOf(storefront.id);
    return { status: 200, body: { click_days: clickDays, delivery_days: deliveryDays } };
  },
});

const changeSettings = define({
  method: "put",
  path: "/v1/conversion-settings",
  tag: TAG,
  summary: "Change the windows; what is left out stays, and so does what was put down before",
  scope: "conversion_settings:write",
  audit: "conversion_settings.update",
  body: z.strictObject({
    click_days: days.optional(),
    delivery_days: days.optional(),
    storefront: storefrontField,
  }),
  answers: { 200: { description: "As they stand now.", schema: windowsSchema } },
  problems: REFUSALS.write,
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    if (body.click_days === undefined && body.delivery_days === undefined) {
      return invalid("click_days", "or delivery_days must be given");
    }
    const changed = await call.services.conversions.changeWindows(storefront.id, {
      ...(body.click_days === undefined ? {} : { clickDays: body.click_days }),
      ...(body.delivery_days === undefined ? {} : { deliveryDays: body.delivery_days }),
    });
    const { clickDays, deliveryDays } = changed;
    return { status: 200, body: { click_days: clickDays, delivery_days: deliveryDays } };
  },
});

export const conversionEndpoints = [create, list, readSettings, changeSettings];
