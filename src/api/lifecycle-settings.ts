import { z } from "@hono/zod-openapi";
import { lifecycleSettingsSchema } from "../audience/life.ts";
import { REFUSALS, storefrontField } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { invalid } from "./problem.ts";
import { define } from "./services.ts";

const which = z.strictObject({ storefront: storefrontField });
const TAG = "Audience and compliance";

const shown = z.object(lifecycleSettingsSchema.shape).openapi("LifecycleSettings", {
  description: [
    "`new`: known for `new_days` at most, and one order at most. `loyal`: `loyal_orders` orders or",
    "`loyal_spent` money. Without an order for `active_days` a customer is `at_risk`, for",
    "`lapsed_days` `lapsed`; everybody else is `active`.",
  ].join(" "),
});

const read = define({
  method: "get",
  path: "/v1/lifecycle-settings",
  tag: TAG,
  summary: "When a customer is new, active, at risk, lapsed or loyal",
  scope: "lifecycle_settings:read",
  query: which,
  answers: { 200: { description: "As they are in force.", schema: shown } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    return { status: 200, body: await call.services.audience.lifecycleOf(storefront.id) };
  },
});

const merge = define({
  method: "put",
  path: "/v1/lifecycle-settings",
  tag: TAG,
  summary: "Change some of the settings; customers move by them within a day",
  scope: "lifecycle_settings:write",
  audit: "lifecycle_settings.update",
  query: which,
  body: lifecycleSettingsSchema.partial(),
  answers: { 200: { description: "All of them, in force from now on.", schema: shown } },
  problems: REFUSALS.write,
  async handle(call, { query, body }) {
    const { audience } = call.services;
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const said = Object.fromEntries(Object.entries(body).filter(([, one]) => one !== undefined));
    const settings = { ...(await audience.lifecycleOf(storefront.id)), ...said };
    if (settings.lapsed_days <= settings.active_days) {
      return invalid("lapsed_days", "must be more than active_days");
    }
    await audience.saveLifecycle(storefront.id, settings);
    return { status: 200, body: settings };
  },
});

export const lifecycleSettingsEndpoints = [read, merge];
