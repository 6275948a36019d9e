import { z } from "zod";
import { isCountry } from "../storefronts/storefront.ts";

export const PURPOSES = ["register", "login", "payment", "account_change"] as const;
export type Purpose = (typeof PURPOSES)[number];

const country = z
  .string()
  .regex(/^[A-Z]{2}$/, "must be an ISO 3166-1 code such as CN")
  .refine(isCountry, "is not a country");

/** Bounds of `api.md`; caps are bounded because each one is exact, so each send is remembered. */
const purposeSettings = z.strictObject({
  code_length: z.int().min(4).max(8),
  alphabet: z.enum(["digits", "readable"]),
  ttl_seconds: z.int().min(30).max(600),
  max_attempts: z.int().min(1).max(5),
  template: z.string().min(1).max(100),
});

export const verificationSettingsSchema = z.strictObject({
  resend_after_seconds: z.int().min(0).max(3600),
  caps: z.strictObject({
    per_hour: z.int().min(1).max(100_000),
    per_day: z.int().min(1).max(100_000),
  }),
  allowed_countries: z.array(country).max(250),
  purposes: z.strictObject({
    register: purposeSettings,
    login: purposeSettings,
    payment: purposeSettings,
    account_change: purposeSettings,
  }),
});

export const verificationSettingsPatchSchema = z.strictObject({
  resend_after_seconds: verificationSettingsSchema.shape.resend_after_seconds.optional(),
  caps: verificationSettingsSchema.shape.caps.partial().optional(),
  allowed_countries: verificationSettingsSchema.shape.allowed_countries.optional(),
  purposes: z
    .strictObject({
      register: purposeSettings.partial().optional(),
      login: purposeSettings.partial().optional(),
      payment: purposeSettings.partial().optional(),
      account_change: purposeSettings.partial().optional(),
    })
    .optional(),
});

export type VerificationSettings = z.infer<typeof verificationSettingsSchema>;
export type VerificationSettingsPatch = z.infer<typeof verificationSettingsPatchSchema>;

const standard = (template: string): VerificationSettings["purposes"]["login"] => ({
  code_length: 6,
  alphabet: "digits",
  ttl_seconds: 300,
  max_attempts: 5,
  template,
});

/** What a storefront has before it changes anything: its own country alone is allowed. */
export const defaultSettings = (allowedCountries: readonly string[]): VerificationSettings => ({
  resend_after_seconds: 60,
  caps: { per_hour: 5, per_day: 10 },
  allowed_countries: [...allowedCountries],
  purposes: {
    register: standard("otp-register"),
    login: standard("otp-login"),
    payment: standard("otp-payment"),
    account_change: standard("otp-account-change"),
  },
});

/** The settings after a merge: what the patch leaves out stays, a list is replaced whole. */
export function mergeSettings(
  settings: VerificationSettings,
  patch: VerificationSettingsPatch,
): VerificationSettings {
  const purposes = { ...settings.purposes };
  for (const purpose of PURPOSES) {
    purposes[purpose] = { ...purposes[purpose], ...defined(patch.purposes?.[purpose] ?? {}) };
  }
  return {
    resend_after_seconds: patch.resend_after_seconds ?? settings.resend_after_seconds,
    caps: { ...settings.caps, ...defined(patch.caps ?? {}) },
    allowed_countries: patch.allowed_countries ?? settings.allowed_countries,
    purposes,
  };
}

/** The purposes whose codes a patch has written by another template, with what it names. */
export const templatesChanged = (
  settings: VerificationSettings,
  { purposes = {} }: VerificationSettingsPatch,
): { readonly purpose: Purpose; readonly template: string }[] =>
  PURPOSES.flatMap((purpose) => {
    const template = purposes[purpose]?.template;
    const changes = template !== undefined && template !== settings.purposes[purpose].template;
    return changes ? { purpose, template } : [];
  });

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const defined = <T extends object>(partial: T): Defined<T> =>
  Object.fromEntries(
    Object.entries(partial).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
