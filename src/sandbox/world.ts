import type { Region } from "../providers/provider.ts";
import { sandbox } from "../providers/sandbox.ts";
import type { Account } from "../routing/account.ts";
import type { RouteRule } from "../routing/route.ts";
import type { StoredTemplate } from "../templates/store.ts";
import type { Binding, Template } from "../templates/template.ts";

/** The account that all texts of test keys go by; nobody can add or route to it. */
export const SANDBOX_ACCOUNT: Account = {
  id: "acc_sandbox",
  name: sandbox.title.en,
  provider: sandbox,
  credentials: null,
  endpoint: sandbox.endpoint,
  token: "",
  enabled: true,
  relay: null,
  perSecond: null,
  prices: null,
  createdAt: 0,
};

const ROUTES: readonly RouteRule[] = [
  { match: {}, candidates: [{ account: SANDBOX_ACCOUNT.id }], strategy: "priority" },
];

/** The sandbox takes any text: whatever there is, is approved there. */
export const SANDBOX_BINDINGS: readonly Binding[] = (
  ["domestic", "international"] satisfies Region[]
).map((region) => ({
  account: SANDBOX_ACCOUNT.id,
  region,
  providerTemplateId: "",
  status: "approved",
  detail: null,
  parameters: [],
}));

interface World {
  readonly accounts: readonly Account[];
  readonly routes: readonly RouteRule[];
  readonly templates: readonly Template[];
}

/**
 * The configuration as test keys send by it: one route, and each template in its newest version,
 * reviewed or not; the live one where somebody rejected the newest.
 */
export function inSandbox<W extends World>(live: W, newest: readonly StoredTemplate[]): W {
  const drafts = newest.filter((one) => one.standing.status !== "rejected");
  const drafted = new Set(drafts.map((one) => one.id));
  const templates = [...drafts, ...live.templates.filter((one) => !drafted.has(one.id))];
  return {
    ...live,
    accounts: [...live.accounts, SANDBOX_ACCOUNT],
    routes: ROUTES,
    templates: templates.map((one) => ({
      ...one,
      bindings: [...one.bindings, ...SANDBOX_BINDINGS],
    })),
  };
}
