import type { Rfm } from "../../contacts/contact.ts";
import type { Purchases } from "../life.ts";
import { type RfmCuts, rfmOf } from "./rfm.ts";

/** A contact as his scores are told by. */
export interface Scored extends Purchases {
  readonly id: string;
  readonly storefront: string;
  readonly rfm: Rfm | null;
}

export type NewScore = Rfm & { readonly contact: string };

export interface RescoreDeps {
  /** Null before a storefront's first walk. */
  readonly cutsOf: (storefront: string) => Promise<RfmCuts | null>;
  readonly saveScores: (scores: readonly NewScore[]) => Promise<void>;
}

const isSame = (one: Rfm, other: Rfm | null): boolean =>
  one.recency === other?.recency &&
  one.frequency === other.frequency &&
  one.monetary === other.monetary;

/** Gives contacts the scores that they have among the customers of their storefront. */
export async function rescore(deps: RescoreDeps, contacts: readonly Scored[]): Promise<void> {
  for (const [storefront, own] of Map.groupBy(contacts, (one) => one.storefront)) {
    const cuts = await deps.cutsOf(storefront);
    if (!cuts) continue;
    const changed = own.flatMap((one) => {
      const rfm = rfmOf(one, cuts);
      return rfm === null || isSame(rfm, one.rfm) ? [] : { contact: one.id, ...rfm };
    });
    if (changed.length > 0) await deps.saveScores(changed);
  }
}
