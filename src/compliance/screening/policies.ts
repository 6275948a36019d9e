import { z } from "zod";
import { CONTENT_KINDS, type ContentKind } from "./finding.ts";

/** `observe`: what is found is only written down. */
const policy = z.strictObject({ mode: z.enum(["enforce", "observe", "off"]) });
const MOST_DOMAINS = 50;
const domain = z
  .string()
  .max(253)
  .regex(/^(?:[a-z0-9-]+\.)+[a-z0-9-]{2,}$/, "must be a host name such as pay.example");
const linkPolicy = policy.extend({
  /** Beside the storefront's own; each stands for what is below it too. */
  allowed_domains: z.array(domain).max(MOST_DOMAINS),
});

export const contentPoliciesSchema = z.strictObject({
  marketing: policy,
  gambling: policy,
  pornography: policy,
  politics: policy,
  fraud: policy,
  contact: policy,
  signature: policy,
  link: linkPolicy,
  placeholder: policy,
  classifier: policy,
});
export type ContentPolicies = z.infer<typeof contentPoliciesSchema>;

export const contentPoliciesPatchSchema = z
  .strictObject({ ...contentPoliciesSchema.shape, link: linkPolicy.partial() })
  .partial();
export type ContentPoliciesPatch = z.infer<typeof contentPoliciesPatchSchema>;

const ENFORCED = { mode: "enforce" } as const;

export const defaultContentPolicies: ContentPolicies = {
  marketing: ENFORCED,
  gambling: ENFORCED,
  pornography: ENFORCED,
  politics: ENFORCED,
  fraud: ENFORCED,
  contact: ENFORCED,
  signature: ENFORCED,
  link: { mode: "enforce", allowed_domains: [] },
  placeholder: ENFORCED,
  classifier: ENFORCED,
};

/** What the patch leaves out stays. */
export function mergeContentPolicies(
  policies: ContentPolicies,
  patch: ContentPoliciesPatch,
): ContentPolicies {
  const merged = CONTENT_KINDS.map((kind: ContentKind) => {
    const changes = Object.entries(patch[kind] ?? {}).filter(([, value]) => value !== undefined);
    return [kind, { ...policies[kind], ...Object.fromEntries(changes) }];
  });
  return Object.fromEntries(merged) as ContentPolicies;
}
