import type { Attributes } from "../contacts/attributes.ts";
import type { Money } from "../lib/money.ts";
import type { Schedule } from "./schedule.ts";
import type { Busy } from "./slots.ts";
import type { CampaignStatus } from "./status.ts";

export const OBJECTIVES = ["acquisition", "activation", "retention"] as const;
export type Objective = (typeof OBJECTIVES)[number];

/** What is offered: words, or facts that texts name as `offer_<fact>`; `expires_at` ends it. */
export type Offer = string | Readonly<Record<string, string | number | boolean>>;

/** One of the texts that a campaign compares. */
export interface CampaignVariant {
  /** Unique in its campaign. */
  readonly name: string;
  /** A `tpl_` id or a name. */
  readonly template: string;
  /** Values by variable; `{{attribute|fallback}}` in them is the recipient's own. */
  readonly variables: Readonly<Record<string, string>>;
  readonly weight: number;
  /** Not before then. */
  readonly sendAt: number | null;
}

/** What is written, reviewed and approved of a campaign. Times in milliseconds. */
export interface CampaignDefinition {
  readonly name: string;
  readonly objective: Objective;
  readonly offer: Offer | null;
  /** A `seg_` id. */
  readonly segment: string;
  readonly variants: readonly CampaignVariant[];
  /** The share of the audience that gets nothing, to compare with. */
  readonly holdout: number;
  readonly schedule: Schedule;
  readonly throttlePerSecond: number | null;
  readonly budget: Money | null;
  readonly expiresAt: number | null;
}

export interface Campaign {
  /** A `cmp_` id. */
  readonly id: string;
  readonly storefront: string;
  readonly definition: CampaignDefinition;
  readonly status: CampaignStatus;
  readonly reason: string | null;
  readonly createdBy: string;
  /** Who changed it, the newest last; the first change after an approval begins anew. */
  readonly editors: readonly string[];
  readonly submittedBy: string | null;
  readonly approvedBy: string | null;
  readonly approved: string | null;
  readonly nextRunAt: number | null;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** `expanding`: not everybody is in the ledger yet; `sending`: not every message has its end. */
export type RunStatus = "expanding" | "sending" | "done" | "canceled";

export interface CampaignRun {
  readonly campaign: string;
  readonly at: number;
  readonly status: RunStatus;
  readonly cursor: string;
  readonly recipients: number;
  readonly slots: readonly Busy[];
  readonly spent: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
}

/** Why somebody in the ledger has no message. */
export type RecipientReason =
  | "holdout"
  | "phone-invalid"
  | "zone-invalid"
  | "variables"
  | "erased"
  | "canceled";

/** A contact as a campaign sends to him. */
export interface Member {
  readonly id: string;
  readonly toSealed: string;
  readonly country: string;
  readonly timezone: string | null;
  readonly city: string | null;
  readonly locale: string | null;
  readonly attributes: Attributes;
}

/** The people of a segment, in the order of their ids. */
export interface Audience {
  /** Changes with whom the segment means; null: there is no such segment. */
  fingerprint(storefront: string, segment: string): Promise<string | null>;
  count(storefront: string, segment: string): Promise<number>;
  page(storefront: string, segment: string, after: string, most: number): Promise<Member[]>;
}

/** When the offer ends, in milliseconds, or null. */
export function endOfOffer(offer: Offer | null): number | null {
  const end = typeof offer === "object" ? offer?.expires_at : undefined;
  return typeof end === "string" ? Date.parse(end) : null;
}

/** From when on nothing of it may leave any more, or null. */
export function endOf({ offer, expiresAt }: CampaignDefinition): number | null {
  const ends = [endOfOffer(offer), expiresAt].filter((end) => end !== null);
  return ends.length > 0 ? Math.min(...ends) : null;
}
