import type { Channel } from "../templates/template.ts";
import { costOf } from "./prices.ts";
import {
  type Entry,
  findRule,
  type OrderCandidates,
  type Placed,
  type Reason,
  type Route,
  type RouteAccount,
  type RouteCandidate,
  type RouteContext,
  type RouteFacts,
  type RouteRule,
  regionOf,
  type Strategy,
} from "./route.ts";
import { byResults } from "./strategies/adaptive.ts";
import { byPrice } from "./strategies/cheapest.ts";
import { byPriority } from "./strategies/priority.ts";
import { byWeight } from "./strategies/weighted.ts";

const ORDERS: Readonly<Record<Strategy, OrderCandidates>> = {
  priority: byPriority,
  weighted: byWeight,
  cheapest: byPrice,
  adaptive: byResults,
};

const GONE: Reason = { en: "There is no such account any more.", zh: "该账号已不存在。" };
const DISABLED: Reason = { en: "The account is disabled.", zh: "账号已停用。" };

const PASSED_OVER: Reason = {
  en: "In trouble a moment ago: after the others.",
  zh: "刚出现故障，排在其他账号之后。",
};

export const CHANNEL_TITLES = {
  sms: { en: "text messages", zh: "短信" },
  video_sms: { en: "video SMS", zh: "视频短信" },
  rcs: { en: "RCS messages", zh: " RCS 消息" },
} as const satisfies Record<Channel, Reason>;

const carries = ({ provider }: RouteAccount, channel: Channel): boolean =>
  (provider.channels ?? ["sms"]).includes(channel);

function refusalOf(account: RouteAccount, facts: RouteFacts, context: RouteContext): Reason | null {
  if (!account.enabled) return DISABLED;
  const { title, regions } = account.provider;
  if (!carries(account, facts.channel)) {
    const { en, zh } = CHANNEL_TITLES[facts.channel];
    return { en: `${title.en} carries no ${en}.`, zh: `${title.zh}不支持${zh}。` };
  }
  if (!regions.includes(regionOf(facts.country))) {
    return {
      en: `${title.en} does not reach ${facts.country}.`,
      zh: `${title.zh}不支持发往 ${facts.country}。`,
    };
  }
  return context.unfit(account);
}

const refused = (
  id: string,
  account: RouteAccount | undefined,
  price: Entry["price"],
  reason: Reason,
  stopped: boolean,
): RouteCandidate => ({
  account: id,
  name: account?.name ?? null,
  provider: account?.provider.id ?? null,
  eligible: false,
  stopped,
  position: null,
  price,
  health: null,
  reasons: [reason],
});

/** Those in trouble go last, whatever the strategy says of them. */
function place(placed: readonly Placed[], context: RouteContext): RouteCandidate[] {
  const seen = placed.map((one) => ({ ...one, health: context.health(one.entry.account.id) }));
  const inOrder = [
    ...seen.filter((one) => !one.health.passedOver),
    ...seen.filter((one) => one.health.passedOver),
  ];
  return inOrder.map(({ entry, reason, health }, index) => ({
    account: entry.account.id,
    name: entry.account.name,
    provider: entry.account.provider.id,
    eligible: true,
    stopped: false,
    position: index + 1,
    price: entry.price,
    health,
    reasons: health.passedOver ? [reason, PASSED_OVER] : [reason],
  }));
}

/** By which accounts a text goes, in the order of trying, and why: the first rule that matches decides. */
export function chooseRoute(
  rules: readonly RouteRule[],
  facts: RouteFacts,
  context: RouteContext,
): Route {
  const index = findRule(rules, facts);
  const rule = index === null ? undefined : rules[index];
  if (!rule) return { rule: null, strategy: null, candidates: [] };

  const entries: Entry[] = [];
  const out: RouteCandidate[] = [];
  for (const { account: id, weight = 1 } of rule.candidates) {
    const account = context.accounts.find((one) => one.id === id);
    const price =
      account && carries(account, facts.channel)
        ? costOf(account, facts.country, facts.segments)
        : null;
    const refusal = account ? refusalOf(account, facts, context) : GONE;
    const stop = account?.stopped;
    if (account && !refusal && !stop) entries.push({ account, weight, price });
    else out.push(refused(id, account, price, refusal ?? stop ?? GONE, !refusal));
  }
  const isOff = rule.strategy === "adaptive" && context.adaptive === false;
  const strategy = isOff ? "priority" : rule.strategy;
  const placed = ORDERS[strategy](entries, facts, context);
  return { rule: index, strategy, candidates: [...place(placed, context), ...out] };
}
