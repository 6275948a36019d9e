/** The resources of the API as scopes name them: as in their paths, with underscores. */
const RESOURCES = [
  "abuse_rules",
  "alerts",
  "api_keys",
  "audit",
  "bills",
  "campaigns",
  "challenges",
  "changes",
  "complaints",
  "consents",
  "contacts",
  "content_rules",
  "conversion_settings",
  "conversions",
  "events",
  "findings",
  "flags",
  "hooks",
  "insights",
  "jobs",
  "keyword_rules",
  "ledger",
  "legal_holds",
  "links",
  "lifecycle_settings",
  "live",
  "messages",
  "packages",
  "people",
  "playbooks",
  "policies",
  "privacy",
  "products",
  "provider_accounts",
  "qr",
  "replies",
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

export type Resource = (typeof RESOURCES)[number];

/** What a key can be allowed. `pii:read` shows numbers in full. */
export const SCOPES: readonly string[] = [
  ...RESOURCES.flatMap((resource) => [`${resource}:read`, `${resource}:write`]),
  "templates:approve",
  "campaigns:approve",
  "pii:read",
];

/** Every resource, to be seen. */
export const READ_SCOPES: readonly string[] = RESOURCES.map((resource) => `${resource}:read`);

export const isScope = (text: string): boolean => SCOPES.includes(text);
