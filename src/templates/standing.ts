import type { Binding, Channel, TemplateStatus } from "./template.ts";

/** Where the newest version of a template stands. */
export interface Standing {
  readonly version: number;
  readonly status: TemplateStatus;
  /** The version that is sent with, or null. */
  readonly liveVersion: number | null;
  /** Who waits for another's approval; null when ours was given with the submission. */
  readonly submittedBy: string | null;
}

/** Of other channels no vendor has filings: our own word is the last. */
export const isReviewedByVendors = (channel: Channel): boolean => channel === "sms";

/** One that no vendor looked at says nothing of the text. */
const isReviewed = (binding: Binding): boolean =>
  binding.status !== "approved" || binding.providerTemplateId !== "";

/** Some provider carries it: where any reviews, one of those that do; else any. */
export function isUsable(bindings: readonly Binding[]): boolean {
  const reviewed = bindings.filter(isReviewed);
  const decisive = reviewed.length > 0 ? reviewed : bindings;
  return decisive.some((binding) => binding.status === "approved");
}

/** Whoever was to review it has refused it. */
export function isRefused(bindings: readonly Binding[]): boolean {
  const reviewed = bindings.filter(isReviewed);
  return reviewed.length > 0 && reviewed.every((binding) => binding.status === "rejected");
}

/**
 * What follows from the reviews of the newest version: approved or refused, and sent with once
 * both we and a provider approved it. Until then the earlier live version stays.
 */
export function settle(
  standing: Standing,
  bindings: readonly Binding[],
  channel: Channel = "sms",
): Standing {
  const { version, status, liveVersion, submittedBy } = standing;
  if (status !== "submitted" && status !== "approved") return standing;
  if (liveVersion !== version && isRefused(bindings)) return { ...standing, status: "rejected" };
  const usable = !isReviewedByVendors(channel) || isUsable(bindings);
  const approved = status === "approved" || (submittedBy === null && usable);
  if (!approved) return standing;
  return { ...standing, status: "approved", liveVersion: usable ? version : liveVersion };
}
