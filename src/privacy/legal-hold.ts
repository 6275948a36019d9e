/** Something that a dispute or an authority needs kept: it is neither deleted nor erased. */
export interface LegalHold {
  /** An `hld_` id. */
  readonly id: string;
  /** Null: of any storefront. */
  readonly storefront: string | null;
  /** E.164 of a person, or null where it holds a campaign. */
  readonly to: string | null;
  readonly campaign: string | null;
  readonly reason: string;
  /** Null: until it is lifted. */
  readonly until: number | null;
  readonly createdAt: number;
}

export const isInForce = (hold: LegalHold, now: number): boolean =>
  hold.until === null || hold.until > now;

/** What holds look at of a row. */
export interface Holdable {
  readonly storefront: string | null;
  readonly toIndex: string;
  readonly campaign: string | null;
}

/** Whether any of the holds keeps a row; numbers are compared under every live key. */
export function holdsOn(
  holds: readonly LegalHold[],
  blindIndexes: (e164: string) => readonly string[],
  now: number,
): (row: Holdable) => boolean {
  const live = holds
    .filter((hold) => isInForce(hold, now))
    .map((hold) => ({ ...hold, numbers: hold.to === null ? [] : blindIndexes(hold.to) }));
  return ({ storefront, toIndex, campaign }) =>
    live.some(
      (hold) =>
        (hold.storefront === null || storefront === null || hold.storefront === storefront) &&
        (hold.numbers.includes(toIndex) || (hold.campaign !== null && hold.campaign === campaign)),
    );
}
