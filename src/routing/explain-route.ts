import type { TraceStep } from "../messages/message.ts";
import type { Reason, Route, RouteCandidate, Strategy } from "./route.ts";

const STRATEGY_TITLES: Readonly<Record<Strategy, Reason>> = {
  priority: { en: "by priority", zh: "按优先级" },
  weighted: { en: "by weight", zh: "按权重" },
  cheapest: { en: "by price", zh: "按价格" },
  adaptive: { en: "by recent results", zh: "按近期到达效果" },
};

const NO_RULE: Reason = { en: "No rule matches.", zh: "没有匹配的路由规则。" };
const NOBODY: Reason = {
  en: "None of its accounts can carry the text.",
  zh: "规则中没有可发送的账号。",
};

function tell(candidate: RouteCandidate): Reason {
  const { position, provider, name, account, reasons } = candidate;
  const who = `${provider ?? ""} “${name ?? account}”`.trim();
  const place =
    position === null ? { en: "Not", zh: "排除" } : { en: `#${position}`, zh: `#${position}` };
  return {
    en: `${place.en} ${who}: ${reasons.map((reason) => reason.en).join(" ")}`,
    zh: `${place.zh} ${who}：${reasons.map((reason) => reason.zh).join("")}`,
  };
}

/** A route as a message's trace tells it: the same words that an explanation gives before the fact. */
export function explainRoute(route: Route): TraceStep {
  const first = route.candidates.find((one) => one.eligible);
  if (route.rule === null || !route.strategy) {
    return { step: "route", verdict: "no-route", ...NO_RULE };
  }
  const title = STRATEGY_TITLES[route.strategy];
  const told = [...(first ? [] : [NOBODY]), ...route.candidates.map(tell)];
  return {
    step: "route",
    verdict: first?.provider ?? "no-route",
    en: [`Rule ${route.rule + 1}, ${title.en}.`, ...told.map((one) => one.en)].join(" "),
    zh: [`规则 ${route.rule + 1}，${title.zh}。`, ...told.map((one) => one.zh)].join(""),
  };
}
