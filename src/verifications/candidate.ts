import type { Region } from "../providers/provider.ts";
import type { Account } from "../routing/account.ts";
import { chooseRoute, type RouteRule } from "../routing/choose-route.ts";
import type { Template } from "../templates/template.ts";

/** One account that could carry a code, with all that a submit through it needs. */
export interface Candidate {
  readonly account: string;
  readonly provider: string;
  readonly endpoint: string;
  /** Open: candidates travel in memory alone. */
  readonly credentials: unknown;
  readonly templateId: string;
  readonly parameters: readonly string[];
  /** It was in trouble a moment ago: tried after the others. */
  readonly passedOver: boolean;
}

export interface CandidateFacts {
  readonly accounts: readonly Account[];
  readonly routes: readonly RouteRule[];
  readonly template: Template;
  readonly country: string;
  readonly code: { readonly length: number; readonly digitsOnly: boolean };
}

export const regionOf = (country: string): Region =>
  country === "CN" ? "domestic" : "international";

/**
 * The accounts that may carry this code, in the order of the route: enabled, with an approved
 * binding for the region, at a vendor that takes codes of this kind.
 */
export function codeCandidates(
  facts: CandidateFacts,
  passOver: (account: string) => boolean,
): Candidate[] {
  const region = regionOf(facts.country);
  const route = chooseRoute(facts.routes, {
    category: "otp",
    channel: "sms",
    country: facts.country,
  });
  return route.flatMap((id) => {
    const account = facts.accounts.find((one) => one.id === id && one.enabled);
    const binding = facts.template.bindings.find(
      (one) => one.account === id && one.region === region && one.status === "approved",
    );
    if (!account || !binding) return [];
    const { maxLength, digitsOnly } = account.provider.codes;
    if (facts.code.length > maxLength || (digitsOnly && !facts.code.digitsOnly)) return [];
    return {
      account: account.id,
      provider: account.provider.id,
      endpoint: account.endpoint,
      credentials: account.credentials,
      templateId: binding.providerTemplateId,
      parameters: binding.parameters,
      passedOver: passOver(account.id),
    };
  });
}

/** Accounts in trouble go last; within that, a resend tries another provider than the last one. */
export const orderCandidates = (
  candidates: readonly Candidate[],
  lastProvider: string | null,
): Candidate[] => {
  const penalty = (one: Candidate) =>
    (one.passedOver ? 2 : 0) + (one.provider === lastProvider ? 1 : 0);
  return [...candidates].sort((a, b) => penalty(a) - penalty(b));
};
