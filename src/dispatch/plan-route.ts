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
import { type Frame, fitsFrame, type WantedFrame } from "../templates/frame.ts";
import type { Binding, Template } from "../templates/template.ts";

const NOT_APPROVED: Reason = {
  en: "The template is not approved at this account.",
  zh: "模板在该账号尚未通过审核。",
};
const OTHER_WORDS: Reason = {
  en: "The account has no approved filing with the words that offers to this country bear: submit the template once more.",
  zh: "该账号没有含该国家或地区营销用语且已通过审核的报备，请再次提交模板。",
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
  /** What stands around an offer; null or left out: nothing does. */
  readonly frame?: WantedFrame | null;
}

/** The country whose frame is that of most countries of a region. */
export const usualOf = (country: string): string => (country === "CN" ? "CN" : "*");

/** The frame that a template needs in a country; null: it is no offer, or no text. */
export const frameWanted = (
  frameOf: (storefront: string, country: string, body: string) => Frame,
  { category, channel, storefront, body }: Template,
  country: string,
): WantedFrame | null =>
  category === "marketing" && channel === "sms"
    ? {
        wanted: frameOf(storefront, country, body),
        usual: frameOf(storefront, usualOf(country), body),
      }
    : null;

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
  const { bindings } = input.template;
  const fitting = bindings.filter((one) => fitsFrame(one, input.frame ?? null));
  const hasBinding = (
    account: string,
    status: "approved" | "submitted",
    among: readonly Binding[] = fitting,
  ) =>
    among.some((one) => one.account === account && one.region === region && one.status === status);
  const context = contextFor(({ id, provider }) => {
    if (input.length > provider.longestText) return TOO_LONG;
    if (hasBinding(id, "approved")) return null;
    return hasBinding(id, "approved", bindings) ? OTHER_WORDS : NOT_APPROVED;
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
