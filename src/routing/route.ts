import { CATEGORIES, type Category } from "../messages/message.ts";
import type { Price, Region } from "../providers/provider.ts";
import type { Channel } from "../templates/template.ts";
import type { Account } from "./account.ts";
import type { Carrier } from "./carriers.ts";
import type { Standing } from "./health.ts";
import type { Tally } from "./scores.ts";

export const STRATEGIES = ["priority", "weighted", "cheapest", "adaptive"] as const;
export type Strategy = (typeof STRATEGIES)[number];

export const CHANNELS = ["sms", "video_sms", "rcs"] as const satisfies readonly Channel[];

/** Which texts go by which accounts; what `match` leaves out matches anything. */
export interface RouteRule {
  readonly match: {
    readonly category?: Category | undefined;
    readonly channel?: Channel | undefined;
    readonly country?: string | undefined;
    readonly carrier?: Carrier | undefined;
  };
  readonly candidates: readonly {
    readonly account: string;
    /** 1 when left out; 0 is a reserve that goes after all others under `weighted` and `adaptive`. */
    readonly weight?: number | undefined;
  }[];
  readonly strategy: Strategy;
}

/** What a route depends on. */
export interface RouteFacts {
  readonly category: Category;
  readonly channel: Channel;
  readonly country: string;
  /** Whom the number's prefix was given to; null abroad, and where no prefix tells. */
  readonly carrier: Carrier | null;
  /** The same for every text to a number, and not the number: `numberKey` makes it. */
  readonly numberKey: string;
  readonly segments: number;
}

/** What a person can read, in both languages. */
export interface Reason {
  readonly en: string;
  readonly zh: string;
}

export type RouteAccount = Pick<
  Account,
  "id" | "name" | "provider" | "enabled" | "stopped" | "prices" | "prepaid"
>;

/** What is known at this moment of those who could carry the text. */
export interface RouteContext {
  readonly accounts: readonly RouteAccount[];
  /** Asked once of each account that could carry the text. */
  readonly health: (account: string) => Standing;
  /** Recent texts of the account to such numbers, as good and bad ones. */
  readonly tally: (account: string, facts: RouteFacts) => Tally;
  /** From 0 up to 1. Null gives the order that is expected on average: for an explanation. */
  readonly random: (() => number) | null;
  /** Why this text can't go by an account that is enabled, or null. */
  readonly unfit: (account: RouteAccount) => Reason | null;
  /** False: `adaptive` is switched off, and such rules go by priority. */
  readonly adaptive?: boolean;
}

/** A candidate that may carry the text, as strategies see it. */
export interface Entry {
  readonly account: RouteAccount;
  readonly weight: number;
  /** Of the whole text; null is unknown. */
  readonly price: Price | null;
}

export interface Placed {
  readonly entry: Entry;
  readonly reason: Reason;
}

/** Puts candidates in order and says of each why it stands there. */
export type OrderCandidates = (
  entries: readonly Entry[],
  facts: RouteFacts,
  context: RouteContext,
) => readonly Placed[];

export interface RouteCandidate {
  readonly account: string;
  readonly name: string | null;
  readonly provider: string | null;
  readonly eligible: boolean;
  /** It could carry the text, were its provider not stopped. */
  readonly stopped: boolean;
  /** 1 is tried first; null when it can't carry the text. */
  readonly position: number | null;
  readonly price: Price | null;
  readonly health: Standing | null;
  readonly reasons: readonly Reason[];
}

export interface Route {
  /** Index of the rule that decided, or null when none matches. */
  readonly rule: number | null;
  readonly strategy: Strategy | null;
  /** Those who can carry the text in the order of trying, then the others. */
  readonly candidates: readonly RouteCandidate[];
}

const matches = ({ match }: RouteRule, facts: Omit<RouteFacts, "numberKey" | "segments">) =>
  (match.category ?? facts.category) === facts.category &&
  (match.channel ?? facts.channel) === facts.channel &&
  (match.country ?? facts.country) === facts.country &&
  (match.carrier ?? facts.carrier) === facts.carrier;

/** Index of the first rule that matches, or null. */
export function findRule(
  rules: readonly RouteRule[],
  facts: Omit<RouteFacts, "numberKey" | "segments">,
): number | null {
  const index = rules.findIndex((rule) => matches(rule, facts));
  return index === -1 ? null : index;
}

/** How vendors part the world: each files templates apart for the mainland. */
export const regionOf = (country: string): Region =>
  country === "CN" ? "domestic" : "international";

/** By category, the rule that carries texts to a country whose carrier is not known. */
export const rulesOfCountry = (
  rules: readonly RouteRule[],
  country: string,
): Readonly<Record<Category, number | null>> => {
  const of = (category: Category) =>
    findRule(rules, { category, channel: "sms", country, carrier: null });
  const [otp, notification, marketing] = CATEGORIES;
  return { otp: of(otp), notification: of(notification), marketing: of(marketing) };
};
