import type { SegmentPrice } from "../messages/transfers.ts";
import type { Account } from "../routing/account.ts";
import { carrierOf } from "../routing/carriers.ts";
import { chooseRoute } from "../routing/choose-route.ts";
import { termsOf } from "../routing/prices.ts";
import {
  type Reason,
  type Route,
  type RouteContext,
  type RouteRule,
  regionOf,
} from "../routing/route.ts";
import type { Binding, Template } from "../templates/template.ts";

/** One account that could carry a code, with all that a submit through it needs. */
export interface Candidate {
  readonly account: string;
  readonly provider: string;
  readonly endpoint: string;
  readonly relay: string | null;
  /** Open: candidates travel in memory alone. */
  readonly credentials: unknown;
  readonly templateId: string;
  readonly parameters: readonly string[];
  /** It was in trouble a moment ago: tried after the others. */
  readonly passedOver: boolean;
  /** What a segment costs; left out or null when nobody knows. */
  readonly terms?: SegmentPrice | null;
}

export interface CandidateFacts {
  readonly accounts: readonly Account[];
  readonly routes: readonly RouteRule[];
  readonly template: Template;
  /** E.164. */
  readonly to: string;
  readonly country: string;
  readonly numberKey: string;
  readonly code: { readonly length: number; readonly digitsOnly: boolean };
}

export interface CodeRoute {
  readonly candidates: readonly Candidate[];
  readonly route: Route;
}

const NOT_APPROVED: Reason = {
  en: "The template is not approved at this account.",
  zh: "模板在该账号尚未通过审核。",
};
const OTHER_CODES: Reason = {
  en: "The vendor takes no codes of this length or alphabet.",
  zh: "该服务商不支持此长度或字符的验证码。",
};

/**
 * The accounts that may carry this code, in the order of the route: enabled, with an approved
 * binding for the region, at a vendor that takes codes of this kind.
 */
export function codeCandidates(
  facts: CandidateFacts,
  contextFor: (unfit: RouteContext["unfit"]) => RouteContext,
): CodeRoute {
  const region = regionOf(facts.country);
  const bindingOf = (account: string): Binding | undefined =>
    facts.template.bindings.find(
      (one) => one.account === account && one.region === region && one.status === "approved",
    );
  const context = contextFor(({ id, provider }) => {
    if (!bindingOf(id)) return NOT_APPROVED;
    const { maxLength, digitsOnly } = provider.codes;
    const fits = facts.code.length <= maxLength && (!digitsOnly || facts.code.digitsOnly);
    return fits ? null : OTHER_CODES;
  });
  const route = chooseRoute(
    facts.routes,
    {
      category: "otp",
      channel: "sms",
      country: facts.country,
      carrier: carrierOf(facts.to)?.carrier ?? null,
      numberKey: facts.numberKey,
      segments: 1,
    },
    context,
  );
  const candidates = route.candidates.flatMap(({ account: id, eligible, health }) => {
    const account = facts.accounts.find((one) => one.id === id);
    const binding = bindingOf(id);
    if (!eligible || !account || !binding) return [];
    return {
      account: account.id,
      provider: account.provider.id,
      endpoint: account.endpoint,
      relay: account.relay,
      credentials: account.credentials,
      templateId: binding.providerTemplateId,
      parameters: binding.parameters,
      passedOver: health?.passedOver ?? false,
      terms: termsOf(account, facts.country),
    };
  });
  return { candidates, route };
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
