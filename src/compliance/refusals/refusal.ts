import type { RuleName } from "../rules.ts";
import type { Verdict } from "../verdict.ts";

/** A send that did not go out, because a rule or a cap of its number spoke against it. */
export interface Refusal {
  /** `caps`: the number had its texts. */
  readonly rule: RuleName | "caps";
  readonly demand: Verdict["demand"];
  readonly en: string;
  readonly zh: string;
  /** When trying again makes sense, or null. */
  readonly until: number | null;
  /** E.164. */
  readonly to: string;
  readonly country: string;
  readonly purpose: string;
  /** Who asked, as keyed hashes: the same one has the same. */
  readonly address: string | null;
  readonly device: string | null;
  readonly network: string | null;
  readonly at: number;
}

/** Refusals of one rule in one minute that were too many to keep each. */
export interface RefusalSum extends Pick<Refusal, "rule" | "demand" | "at"> {
  readonly count: number;
}
