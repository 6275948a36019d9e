import { DAY } from "../lib/time.ts";
import { REMEMBERED_DAYS } from "./filter.ts";
import { type RestageDeps, restage, type Staged } from "./restage.ts";
import { type NewScore, rescore, type Scored } from "./scores/rescore.ts";
import type { RfmCuts } from "./scores/rfm.ts";

/** How far a day's walk over all contacts is; without a cursor it is done. */
export interface Walk {
  readonly day: number;
  /** The last id that was looked at. */
  readonly cursor: string | null;
}

export interface WalkDeps extends RestageDeps {
  readonly readWalk: () => Promise<Walk | null>;
  readonly saveWalk: (walk: Walk) => Promise<void>;
  /** In the order of ids. */
  readonly pageStaged: (after: string, limit: number) => Promise<readonly (Staged & Scored)[]>;
  /** Where the customers of a storefront fall into fifths on that day. */
  readonly cutsOfDay: (storefront: string, day: number) => Promise<RfmCuts>;
  /** Where they fell the last time; null before the first. */
  readonly lastCuts: (storefront: string) => Promise<RfmCuts | null>;
  readonly saveScores: (scores: readonly NewScore[]) => Promise<void>;
  /** Deletes what these contacts did before a day. */
  readonly forget: (contacts: readonly string[], before: number) => Promise<void>;
  readonly logError: (event: string, error: unknown) => void;
}

const ROWS = 500;
/** A tick is a minute apart from the next: 100,000 contacts take ten. */
const PAGES = 20;

/** One storefront that can't be cut anew keeps its old cuts, and holds up no other. */
async function cutsAsOf(deps: WalkDeps, storefront: string, day: number): Promise<RfmCuts | null> {
  try {
    return await deps.cutsOfDay(storefront, day);
  } catch (error) {
    deps.logError("scores-not-cut", error);
    return deps.lastCuts(storefront);
  }
}

/** Goes on with the walk of the day: each contact is looked at once a day, from where the last tick ended. */
export async function walkContacts(deps: WalkDeps): Promise<void> {
  const day = Math.floor(deps.clock.now() / DAY);
  const last = await deps.readWalk();
  let walk: Walk = last?.day === day ? last : { day, cursor: "" };
  for (let page = 0; page < PAGES && walk.cursor !== null; page++) {
    const contacts = await deps.pageStaged(walk.cursor, ROWS);
    await restage(deps, contacts);
    const cutsOf = (storefront: string) => cutsAsOf(deps, storefront, day);
    await rescore({ cutsOf, saveScores: deps.saveScores }, contacts);
    const ids = contacts.map((one) => one.id);
    await deps.forget(ids, day - REMEMBERED_DAYS);
    walk = { day, cursor: contacts.length < ROWS ? null : (ids.at(-1) ?? null) };
    await deps.saveWalk(walk);
  }
}
