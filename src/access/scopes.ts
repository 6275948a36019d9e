/** The resources of the API as scopes name them: as in their paths, with underscores. */
const RESOURCES = [
  "abuse_rules",
  "alerts",
  "api_keys",
  "audit",
  "campaigns",
  "challenges",
  "changes",
  "complaints",
  "consents",
  "contacts",
  "conversions",
  "events",
  "insights",
  "jobs",
  "live",
  "messages",
  "policies",
  "provider_accounts",
  "routes",
  "rule_presets",
  "rules",
  "sandbox",
  "segments",
  "senders",
  "storefronts",
  "suppressions",
  "templates",
  "verification_settings",
  "verifications",
  "webhook_endpoints",
] as const;

/** What a key can be allowed. `pii:read` shows numbers in full. */
export const SCOPES: readonly string[] = [
  ...RESOURCES.flatMap((resource) => [`${resource}:read`, `${resource}:write`]),
  "templates:approve",
  "campaigns:approve",
  "pii:read",
];

export const isScope = (text: string): boolean => SCOPES.includes(text);
