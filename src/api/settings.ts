import { z } from "@hono/zod-openapi";
import {
  mergeSettings,
  verificationSettingsPatchSchema,
  verificationSettingsSchema,
} from "../verifications/settings.ts";
import { REFUSALS } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { define } from "./services.ts";

const which = z.strictObject({ storefront: z.string().max(64).optional() });
const shown = verificationSettingsSchema.openapi("VerificationSettings");

const read = define({
  method: "get",
  path: "/v1/verification-settings",
  tag: "Verifications",
  summary: "The storefront's verification settings",
  scope: "verification_settings:read",
  query: which,
  answers: { 200: { description: "As they are in force.", schema: shown } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    return { status: 200, body: call.services.settingsOf(storefront.id) };
  },
});

const merge = define({
  method: "put",
  path: "/v1/verification-settings",
  tag: "Verifications",
  summary: "Change some of the settings; what is left out stays",
  scope: "verification_settings:write",
  audit: "verification_settings.update",
  query: which,
  body: verificationSettingsPatchSchema,
  answers: { 200: { description: "All of them, in force from now on.", schema: shown } },
  problems: REFUSALS.write,
  async handle(call, { query, body }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const settings = await call.services.changeSettings(storefront.id, (stored) =>
      mergeSettings(stored, body),
    );
    return { status: 200, body: settings };
  },
});

export const settingsEndpoints = [read, merge];
