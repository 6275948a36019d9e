import type { TraceStep } from "../messages/message.ts";
import type { Account } from "../routing/account.ts";
import { carrierOf } from "../routing/carriers.ts";
import { chooseRoute } from "../routing/choose-route.ts";
import { explainRoute } from "../routing/explain-route.ts";
import {
  type Reason,
  type Route,
  type RouteContext,
  type RouteRule,
  regionOf,
} from "../routing/route.ts";
import type { Template } from "../templates/template.ts";

const NOT_APPROVED: Reason = {
  en: "The template is not approved at this account.",
  zh: "模板在该账号尚未通过审核。",
};
const TOO_LONG: Reason = {
  en: "The text is longer than the vendor takes.",
  zh: "短信长度超出该服务商的限制。",
};

export interface RouteInput {
  readonly routes: readonly RouteRule[];
  readonly accounts: readonly Account[];
  readonly template: Pick<Template, "bindings" | "category" | "channel">;
  /** E.164. */
  readonly to: string;
  readonly country: string;
  readonly numberKey: string;
  readonly segments: number;
  /** Characters with the signature. */
  readonly length: number;
}

export interface PlannedRoute {
  /** Accounts to try in order; where none can carry the text now, those that may be able to soon. */
  readonly accounts: readonly Account[];
  readonly route: Route;
  readonly step: TraceStep;
}

/** By which accounts a message goes, and why, in the words of its trace. */
export function planRoute(
  input: RouteInput,
  contextFor: (unfit: RouteContext["unfit"]) => RouteContext,
): PlannedRoute {
  const region = regionOf(input.country);
  const hasBinding = (account: string, status: "approved" | "submitted") =>
    input.template.bindings.some(
      (one) => one.account === account && one.region === region && one.status === status,
    );
  const context = contextFor(({ id, provider }) => {
    if (input.length > provider.longestText) return TOO_LONG;
    return hasBinding(id, "approved") ? null : NOT_APPROVED;
  });
  const route = chooseRoute(
    input.routes,
    {
      category: input.template.category,
      channel: input.template.channel,
      country: input.country,
      carrier: carrierOf(input.to)?.carrier ?? null,
      numberKey: input.numberKey,
      segments: input.segments,
    },
    context,
  );
  const eligible = route.candidates.filter((one) => one.eligible);
  const later = route.candidates.filter(
    (one) => one.stopped || hasBinding(one.account, "submitted"),
  );
  const accounts = (eligible.length > 0 ? eligible : later).flatMap(
    (one) => input.accounts.find((account) => account.id === one.account && account.enabled) ?? [],
  );
  return { accounts, route, step: explainRoute(route) };
}
