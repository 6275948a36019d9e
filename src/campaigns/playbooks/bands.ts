import type { Objective } from "../campaign.ts";
import { PLAYBOOKS } from "./playbooks.ts";

/** Between what conversion rates of delivered are usual, in shares of one. */
export interface Band {
  readonly low: number;
  readonly high: number;
  /** Who says so; `default`: a rule of thumb of ours, for as long as the shop has no figures. */
  readonly source: string;
}

export const DEFAULT_SOURCE = "default";

const BY_OBJECTIVE: Readonly<Record<Objective, Pick<Band, "low" | "high">>> = {
  acquisition: { low: 0.03, high: 0.08 },
  activation: { low: 0.01, high: 0.05 },
  retention: { low: 0.03, high: 0.1 },
};

/** By playbook and by objective. */
export const DEFAULT_BANDS: ReadonlyMap<string, Band> = new Map(
  [
    ...Object.entries(BY_OBJECTIVE),
    ...PLAYBOOKS.map(({ name, band }) => [name, band] as const),
  ].map(([name, band]) => [name, { ...band, source: DEFAULT_SOURCE }]),
);

export type BandStanding = "below" | "within" | "above";

export const standingIn = ({ low, high }: Band, rate: number): BandStanding =>
  rate < low ? "below" : rate > high ? "above" : "within";
