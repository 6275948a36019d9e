import type { Category } from "../messages/message.ts";

export interface RouteRule {
  readonly match: {
    readonly category?: Category | undefined;
    readonly channel?: string | undefined;
    readonly country?: string | undefined;
  };
  readonly candidates: readonly {
    readonly account: string;
    readonly weight?: number | undefined;
  }[];
  readonly strategy: "priority";
}

export interface RouteFacts {
  readonly category: Category;
  readonly channel: string;
  readonly country: string;
}

const matches = (rule: RouteRule, facts: RouteFacts): boolean =>
  (rule.match.category ?? facts.category) === facts.category &&
  (rule.match.channel ?? facts.channel) === facts.channel &&
  (rule.match.country ?? facts.country) === facts.country;

/** Account ids in the order of preference: the first rule that matches decides, or none. */
export function chooseRoute(rules: readonly RouteRule[], facts: RouteFacts): readonly string[] {
  const rule = rules.find((candidate) => matches(candidate, facts));
  return rule ? rule.candidates.map((candidate) => candidate.account) : [];
}
