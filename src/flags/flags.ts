import type { Category, TraceStep } from "../messages/message.ts";

/** What can be stopped, as the API names it. */
export const STOPPABLE = ["categories", "providers", "storefronts"] as const;
export type Stoppable = (typeof STOPPABLE)[number];

/** New ways of doing a thing; one that is off leaves the old way in force. */
export const FEATURES = ["adaptive_routing"] as const;
export type Feature = (typeof FEATURES)[number];

export interface Stop {
  /** In the words of whoever stopped it. */
  readonly reason: string;
  readonly since: number;
}

/** What operators switched off. */
export interface Flags {
  /** By name: a category, a provider's id, a storefront's. */
  readonly stops: Readonly<Record<Stoppable, ReadonlyMap<string, Stop>>>;
  readonly features: Readonly<Record<Feature, boolean>>;
}

/** Nothing is stopped, every feature is on. */
export const NO_FLAGS: Flags = {
  stops: { categories: new Map(), providers: new Map(), storefronts: new Map() },
  features: { adaptive_routing: true },
};

/** What a person can read, in both languages. */
export interface StopReason extends Pick<TraceStep, "en" | "zh"> {
  /** The `reason` of a message that it holds, where that is one of its own. */
  readonly reason?: string;
}

const CATEGORY_NAMES: Readonly<Record<Category, StopReason>> = {
  otp: { en: "Verification codes are", zh: "验证码" },
  notification: { en: "Notifications are", zh: "通知" },
  marketing: { en: "Marketing is", zh: "营销短信" },
};

const told = (name: StopReason, { reason }: Stop): StopReason => ({
  en: `${name.en} stopped by an operator${reason && `: ${reason}`}.`,
  zh: `${name.zh}已被运营人员暂停${reason && `：${reason}`}。`,
});

/** Why a text of this kind may not leave now, or null. */
export function stopOf(
  { stops }: Pick<Flags, "stops">,
  text: { readonly category: Category; readonly storefront: string },
): StopReason | null {
  const category = stops.categories.get(text.category);
  if (category) return told(CATEGORY_NAMES[text.category], category);
  const storefront = stops.storefronts.get(text.storefront);
  return storefront ? told({ en: "The storefront is", zh: "该店铺" }, storefront) : null;
}

/** Why nothing goes by a provider's accounts now, or null. */
export function stopOfProvider(
  { stops }: Pick<Flags, "stops">,
  { id, title }: { readonly id: string; readonly title: StopReason },
): StopReason | null {
  const stop = stops.providers.get(id);
  return stop ? told({ en: `${title.en} is`, zh: title.zh }, stop) : null;
}
