import type { Price, Region } from "../../src/providers/provider.ts";
import { providers } from "../../src/providers/registry.ts";
import type { Standing } from "../../src/routing/health.ts";
import {
  CHANNELS,
  type Route,
  type RouteAccount,
  type RouteContext,
  type RouteFacts,
  type RouteRule,
  type Strategy,
} from "../../src/routing/route.ts";
import type { Channel } from "../../src/templates/template.ts";

const { aliyun } = providers;
if (!aliyun) throw new Error("aliyun is registered");

export const facts: RouteFacts = {
  category: "otp",
  channel: "sms",
  country: "CN",
  carrier: "mobile",
  numberKey: "number-1",
  segments: 1,
};

export const anAccount = (
  id: string,
  change: Partial<RouteAccount> & {
    readonly regions?: readonly Region[];
    readonly channels?: readonly Channel[];
    readonly list?: Readonly<Record<string, Price>>;
  } = {},
): RouteAccount => {
  const {
    regions = ["domestic", "international"],
    channels = CHANNELS,
    list = {},
    ...rest
  } = change;
  return {
    id,
    name: `account ${id}`,
    provider: { ...aliyun, regions, channels, prices: list },
    enabled: true,
    prices: null,
    ...rest,
  };
};

export const WELL: Standing = {
  status: "healthy",
  troubles: 0,
  restUntil: null,
  passedOver: false,
};
export const RESTING: Standing = { status: "resting", troubles: 1, restUntil: 9, passedOver: true };

export const aContext = (
  accounts: readonly RouteAccount[],
  change: Partial<RouteContext> = {},
): RouteContext => ({
  accounts,
  health: () => WELL,
  tally: () => ({ good: 0, bad: 0 }),
  random: null,
  unfit: () => null,
  ...change,
});

export const aRule = (
  strategy: Strategy,
  weights: Readonly<Record<string, number>>,
  match: RouteRule["match"] = {},
): RouteRule => ({
  match,
  candidates: Object.entries(weights).map(([account, weight]) => ({ account, weight })),
  strategy,
});

export const eligible = (route: Route): string[] =>
  route.candidates.filter((one) => one.eligible).map((one) => one.account);

/** The same numbers from the same seed (Mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
