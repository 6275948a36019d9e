import { READ_SCOPES, type Resource, SCOPES } from "./scopes.ts";

export const ROLES = ["owner", "operator", "marketer", "reviewer", "analyst", "viewer"] as const;

/** What a person does here, as scopes. */
export type Role = (typeof ROLES)[number];

/** Who comes in, and what was done by whom. */
const PRIVATE: readonly string[] = ["people", "api_keys", "audit"] satisfies Resource[];

const reads = (...resources: readonly Resource[]) => resources.map((name) => `${name}:read`);
const writes = (...resources: readonly Resource[]) => resources.map((name) => `${name}:write`);

const isOpen = (scope: string) => !PRIVATE.includes(scope.slice(0, scope.indexOf(":")));
const seesAll = READ_SCOPES.filter(isOpen);

/** What approves is not with who makes; `pii:read` is worth something while a proof is fresh. */
const SCOPES_OF: Readonly<Record<Role, ReadonlySet<string>>> = {
  owner: new Set(SCOPES),
  operator: new Set([
    ...SCOPES.filter((scope) => isOpen(scope) && !scope.endsWith(":approve")),
    ...reads("audit"),
  ]),
  marketer: new Set([
    ...seesAll,
    ...writes("campaigns", "consents", "contacts", "conversions", "jobs"),
    ...writes(
      "findings",
      "keyword_rules",
      "links",
      "playbooks",
      "products",
      "qr",
      "replies",
      "rule_presets",
      "rules",
      "segments",
      "senders",
      "suppressions",
      "templates",
    ),
  ]),
  reviewer: new Set([...seesAll, ...reads("audit"), "templates:approve", "campaigns:approve"]),
  analyst: new Set([
    ...reads("campaigns", "findings", "insights", "live", "messages", "playbooks", "segments"),
    ...reads("storefronts", "templates"),
  ]),
  viewer: new Set(seesAll),
};

/** Whether a role has a scope at all, however long ago the person proved who he is. */
export const roleHas = (role: Role, scope: string): boolean => SCOPES_OF[role].has(scope);
