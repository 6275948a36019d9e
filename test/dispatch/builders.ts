import type { Letter } from "../../src/dispatch/letters.ts";
import type { ProviderAccountStub } from "../../src/dispatch/provider-account.ts";
import type { WaitingMessage } from "../../src/messages/queued.ts";
import type { Outcome, Submission } from "../../src/providers/provider.ts";
import { providers } from "../../src/providers/registry.ts";
import type { Account } from "../../src/routing/account.ts";
import type { Binding } from "../../src/templates/template.ts";

let made = 0;

export function anAccount(provider: keyof typeof providers, change: Partial<Account> = {}) {
  const description = providers[provider];
  if (!description) throw new Error(`no provider ${provider}`);
  const account: Account = {
    id: `acc_${provider}`,
    name: provider,
    provider: description,
    credentials: {},
    endpoint: "http://127.0.0.1:9/",
    token: "token",
    enabled: true,
    relay: null,
    perSecond: null,
    prices: null,
    createdAt: 0,
    ...change,
  };
  return account;
}

/** The gate of an account that has room for all. */
export const anOpenGate: ProviderAccountStub = {
  room: async () => ({ granted: 100, retryAfterMs: 0, breaker: "closed", throttle: "none" }),
  lease: async (wanted) => ({
    granted: wanted,
    retryAfterMs: 0,
    breaker: "closed",
    throttle: "none",
  }),
  giveBack: async () => {},
  report: async () => {},
  state: async () => ({ breaker: "closed", perSecond: 1 }),
};

export const aBinding = (account: string, change: Partial<Binding> = {}): Binding => ({
  account,
  region: "domestic",
  providerTemplateId: "SMS_1",
  status: "approved",
  detail: null,
  parameters: [],
  ...change,
});

export const aRow = (change: Partial<WaitingMessage> = {}): WaitingMessage => ({
  id: `msg_${++made}`,
  storefront: "sto_1",
  category: "notification",
  sender: "Shop",
  toSealed: "",
  country: "CN",
  zones: ["Asia/Shanghai"],
  urgency: 1,
  template: "tpl_1",
  templateVersion: 1,
  textSealed: "",
  variablesSealed: "",
  segments: 2,
  queue: "aliyun",
  reason: null,
  route: ["acc_aliyun", "acc_tencent"],
  dueAt: 0,
  expiresAt: null,
  campaign: null,
  run: null,
  tries: 0,
  handOvers: 0,
  createdAt: 0,
  ...change,
});

/** A letter to a number of its own. */
export function aLetter(account: Account, change: Partial<Submission> = {}): Letter {
  const row = aRow();
  const to = change.to ?? `+86${13_900_000_000 + made}`;
  return {
    row,
    account,
    to,
    submission: {
      messageId: row.id,
      to,
      region: "domestic",
      sender: "Shop",
      text: "【Shop】hello",
      templateId: "SMS_1",
      parameters: [{ name: "name", value: "Li" }],
      category: "notification",
      callbackUrl: null,
      validForSeconds: null,
      ...change,
    },
  };
}

export const ACCEPTED: Outcome = { kind: "accepted", providerMessageId: "biz-1", code: "OK" };
export const UNKNOWN: Outcome = { kind: "unknown", cause: "timeout" };
export const THROTTLED: Outcome = { kind: "throttled", code: "busy", retryAfterMs: 1_500 };

export const rejected = (
  next: "permanent" | "failover" | "defer",
  change: Partial<Extract<Outcome, { kind: "rejected" }>> = {},
): Outcome => ({
  kind: "rejected",
  next,
  reason: next === "failover" ? "account-balance" : "invalid-number",
  code: "NO",
  detail: "no such thing",
  ...change,
});
