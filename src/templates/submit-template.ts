import type { Database } from "../db/client.ts";
import { follow } from "../lib/follow.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { type Clock, MINUTE, SECOND } from "../lib/time.ts";
import { listUnsettled, saveBindings, saveReason, saveReviews } from "./bindings/store.ts";
import type { DraftFault } from "./check-draft.ts";
import {
  askAgainAll,
  type FiledText,
  type FilingAccount,
  type FilingDeps,
  fileEverywhere,
  isFiledIn,
} from "./file-template.ts";
import type { Frames } from "./frame.ts";
import { type FindContent, refusedIn } from "./screened-text.ts";
import { isReviewedByVendors, type Standing, settle } from "./standing.ts";
import { type Author, findTemplate, moveTemplate, type StoredTemplate } from "./store.ts";
import { withLinkPrefix } from "./template.ts";

export interface ReviewDeps extends FilingDeps {
  readonly db: Database;
  readonly accounts: readonly FilingAccount[];
  readonly senders: readonly { readonly id: string; readonly name: string }[];
  /** What stands around an offer of a storefront's, wherever it sends offers. */
  readonly framesOf: (storefront: string, body: string) => Frames;
  /** What stands before the code of a storefront's short links. */
  readonly linkPrefixOf: (storefront: string) => string;
  /** Makes the next request read the configuration anew. */
  readonly changed: () => void;
}

export type DecideRefusal =
  | { readonly code: "not-submitted" }
  | { readonly code: "was-rejected" }
  | { readonly code: "own-marketing" }
  | { readonly code: "changed-meanwhile" }
  | { readonly code: "content-rejected"; readonly faults: readonly DraftFault[] };

export type Decided = Result<StoredTemplate, DecideRefusal>;

/** As long as a filing with every account can take. */
const FILING_MS = 20 * SECOND;

/** Templates that one run of the poll looks at; the next run goes on after them. */
const MOST_POLLED = 20;

const filedText = (deps: ReviewDeps, template: StoredTemplate): FiledText => ({
  ...template,
  body: withLinkPrefix(template, deps.linkPrefixOf(template.storefront)),
  ...(template.category === "marketing"
    ? { frames: deps.framesOf(template.storefront, template.body) }
    : {}),
  sender: deps.senders.find((one) => one.id === template.sender)?.name ?? "",
});

async function move(
  deps: ReviewDeps,
  template: StoredTemplate,
  to: Standing,
  now: number,
): Promise<Decided> {
  if (!(await moveTemplate(deps.db, template, to, now))) {
    return fail({ code: "changed-meanwhile" });
  }
  deps.changed();
  const moved = await findTemplate(deps.db, template.id);
  return moved ? ok(moved) : fail({ code: "changed-meanwhile" });
}

/** Whether whoever submitted it may still be at it. */
const isBeingFiled = ({ standing, bindings, updatedAt }: StoredTemplate, now: number): boolean =>
  standing.status === "submitted" &&
  bindings.every((one) => one.status === "rejected") &&
  now < updatedAt + FILING_MS;

/** Whether it was submitted, and whoever did it never came to file it. */
export const isUnfiled = (
  { channel, standing, bindings, updatedAt }: StoredTemplate,
  now: number,
): boolean =>
  isReviewedByVendors(channel) &&
  (standing.status === "submitted" || standing.status === "approved") &&
  bindings.length === 0 &&
  now >= updatedAt + FILING_MS;

/** Moves it first, so that of two at once one files: no vendor takes a filing back. */
async function moveAndFile(
  deps: ReviewDeps,
  template: StoredTemplate,
  to: Standing,
  now: number,
): Promise<Decided> {
  const moved = await move(deps, template, to, now);
  if (!moved.ok) return moved;
  const text = filedText(deps, template);
  const filed = await fileEverywhere(deps, deps.accounts, text, (account, region, frame) =>
    template.bindings.some(
      (one) =>
        one.account === account &&
        one.region === region &&
        one.status !== "rejected" &&
        isFiledIn(one, frame, text, region),
    ),
  );
  if (filed.length === 0) return moved;
  await saveBindings(deps.db, template.id, template.version, filed);
  deps.changed();
  const found = await findTemplate(deps.db, template.id);
  return found ? ok(found) : fail({ code: "changed-meanwhile" });
}

/**
 * Files the newest version with every account that has not got it, or that refused it. With
 * `approves`, the submitter's word is our approval; for marketing, and for words that are to be
 * looked at first, it never is.
 */
export async function submitTemplate(
  deps: ReviewDeps & { readonly findContent: FindContent },
  template: StoredTemplate,
  by: Author & { readonly approves: boolean },
): Promise<Decided> {
  const found = await deps.findContent(template);
  const refused = refusedIn(found);
  if (refused.length > 0) return fail({ code: "content-rejected", faults: refused });
  const { channel, standing } = template;
  const starts = standing.status === "draft" || standing.status === "rejected";
  const needsWord =
    template.category === "marketing" || found.some((one) => one.severity === "hold");
  const submittedBy = by.approves && !needsWord ? null : by.actor;
  const submitted = starts ? { ...standing, status: "submitted" as const, submittedBy } : standing;
  if (!isReviewedByVendors(channel)) {
    return move(deps, template, settle(submitted, [], channel), by.now);
  }
  if (isBeingFiled(template, by.now)) return fail({ code: "changed-meanwhile" });
  return moveAndFile(deps, template, submitted, by.now);
}

/** Our own approval. It holds at once; the version is sent with as soon as a provider approved it. */
export async function approveTemplate(
  deps: ReviewDeps,
  template: StoredTemplate,
  by: Author & { readonly approvesOwn: boolean },
): Promise<Decided> {
  const { standing } = template;
  if (standing.status === "approved") return ok(template);
  if (standing.status === "draft") return fail({ code: "not-submitted" });
  if (standing.status === "rejected") return fail({ code: "was-rejected" });
  const isBy = standing.submittedBy === by.actor || template.author === by.actor;
  const isOwn = isBy && !by.approvesOwn;
  if (template.category === "marketing" && isOwn) return fail({ code: "own-marketing" });
  const approved = { ...standing, status: "approved" as const };
  const to = settle(approved, template.bindings, template.channel);
  return move(deps, template, to, by.now);
}

/** Takes the version back, out of use too if it is live. The reason stands with each binding. */
export async function rejectTemplate(
  deps: ReviewDeps,
  template: StoredTemplate,
  by: Author & { readonly reason: string | null },
): Promise<Decided> {
  const { standing } = template;
  if (standing.status === "draft") return fail({ code: "not-submitted" });
  if (standing.status === "rejected") return ok(template);
  if (by.reason !== null) await saveReason(deps.db, template.id, template.version, by.reason);
  const liveVersion = standing.liveVersion === standing.version ? null : standing.liveVersion;
  return move(deps, template, { ...standing, status: "rejected", liveVersion }, by.now);
}

async function askForVersion(deps: ReviewDeps, template: StoredTemplate): Promise<void> {
  const after = await askAgainAll(
    deps,
    deps.accounts,
    template.bindings,
    filedText(deps, template),
  );
  const reviews = template.bindings
    .map((before, index) => ({ before, after: after[index] ?? before }))
    .filter((one) => JSON.stringify(one.before) !== JSON.stringify(one.after));
  if (reviews.length === 0) return;
  await saveReviews(deps.db, template.id, template.version, reviews);
  deps.changed();
}

/** Asks for the reviews of one template and draws from them; true while any is pending. */
export async function pollReview(deps: ReviewDeps, id: string, now: number): Promise<boolean> {
  const newest = await findTemplate(deps.db, id);
  if (!newest) return false;
  const { status, version, liveVersion } = newest.standing;
  if (liveVersion !== null && liveVersion !== version) {
    const live = await findTemplate(deps.db, id, "liveVersion");
    if (live) await askForVersion(deps, live);
  }
  if (isUnfiled(newest, now)) await moveAndFile(deps, newest, newest.standing, now);
  else if (status === "submitted" || status === "approved") await askForVersion(deps, newest);
  // Read again: another poll may have settled the other bindings meanwhile.
  const asked = await findTemplate(deps.db, id);
  if (!asked) return false;
  const to = settle(asked.standing, asked.bindings, asked.channel);
  if (JSON.stringify(to) !== JSON.stringify(asked.standing)) await move(deps, asked, to, now);
  return asked.bindings.some((binding) => binding.status === "submitted");
}

/** The minute's look at what providers have not decided yet, in turns. */
export async function pollReviews(deps: ReviewDeps, now: number): Promise<void> {
  const ids = await listUnsettled(deps.db);
  const first = (Math.floor(now / MINUTE) * MOST_POLLED) % Math.max(1, ids.length);
  const turn = [...ids.slice(first), ...ids.slice(0, first)].slice(0, MOST_POLLED);
  for (const id of turn) await pollReview(deps, id, now);
}

/** Looks that follow a submission, so that a quick review shows at once. */
export const followReview = (
  deps: ReviewDeps & {
    readonly clock: Clock;
    readonly wait: (ms: number) => Promise<void>;
  },
  id: string,
): Promise<void> => follow(deps.wait, () => pollReview(deps, id, deps.clock.now()));
