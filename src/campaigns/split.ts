import { createHash } from "node:crypto";
import type { CampaignVariant } from "./campaign.ts";

/** From 0 up to 1; the same for the same person of the same campaign, whenever it is asked. */
function placeOf(campaign: string, contact: string): number {
  const digest = createHash("sha256").update(`${campaign} ${contact}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

/** The variant that a person gets by their weights, or null: he is held out. */
export function split(
  {
    holdout,
    variants,
  }: { readonly holdout: number; readonly variants: readonly CampaignVariant[] },
  campaign: string,
  contact: string,
): CampaignVariant | null {
  const place = placeOf(campaign, contact);
  if (place < holdout) return null;
  const total = variants.reduce((sum, { weight }) => sum + weight, 0);
  let left = ((place - holdout) / (1 - holdout)) * total;
  for (const variant of variants) {
    left -= variant.weight;
    if (left < 0) return variant;
  }
  return variants.at(-1) ?? null;
}
