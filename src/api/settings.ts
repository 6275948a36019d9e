import { z } from "@hono/zod-openapi";
import { findTemplate, pageTemplates } from "../templates/store.ts";
import {
  mergeSettings,
  templatesChanged,
  verificationSettingsPatchSchema,
  verificationSettingsSchema,
} from "../verifications/settings.ts";
import { REFUSALS } from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { invalid } from "./problem.ts";
import { define, type Services } from "./services.ts";

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

/** Whether a storefront has a template of codes by this id or name, be it approved or not yet. */
async function isForCodes(
  { services: { db } }: Call<Services>,
  storefront: string,
  named: string,
): Promise<boolean> {
  const [byId, [byName]] = await Promise.all([
    findTemplate(db, named),
    pageTemplates(db, { storefront, name: named, category: "otp" }, 1),
  ]);
  return byName !== undefined || (byId?.storefront === storefront && byId.category === "otp");
}

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
    // A new storefront begins with names of templates that it has yet to make.
    for (const { purpose, template } of templatesChanged(
      call.services.settingsOf(storefront.id),
      body,
    )) {
      if (await isForCodes(call, storefront.id, template)) continue;
      return invalid(`purposes.${purpose}.template`, "is no template of codes");
    }
    const settings = await call.services.changeSettings(storefront.id, (stored) =>
      mergeSettings(stored, body),
    );
    return { status: 200, body: settings };
  },
});

export const settingsEndpoints = [read, merge];
