import { type Consent, noticesOf, type PermissionDeps } from "./change.ts";
import { deleteSuppression, type SuppressionRow, suppressionsOf } from "./store.ts";

/** Why an opt-out stands beside a consent that came after it, in words that a person can read. */
export const STANDS = {
  all: {
    en: "The number has opted out of notifications as well: only DELETE /v1/suppressions takes that back.",
    zh: "该号码同时退订了通知类消息，只能通过 DELETE /v1/suppressions 解除。",
  },
  "not-his-own": {
    en: "An operator, a complaint, a vendor or a shop said it too, not the person's reply alone: only DELETE /v1/suppressions takes that back.",
    zh: "该退订并非仅由本人回复产生（还来自运营人员、投诉、服务商或店铺），只能通过 DELETE /v1/suppressions 解除。",
  },
  unrecorded: {
    en: "Who opted the number out is only being written down: it stands.",
    zh: "该退订的来源尚在登记，退订保持有效。",
  },
  older: {
    en: "The consent is not later than the opt-out, which therefore stands.",
    zh: "同意时间不晚于退订时间，退订保持有效。",
  },
  "no-evidence": {
    en: "A consent after an opt-out takes evidence; without it the opt-out stands.",
    zh: "退订之后的同意须附证据，未附证据则退订保持有效。",
  },
} as const;
export type WhyItStands = keyof typeof STANDS;

/** A consent as it was recorded, with what it did. */
export interface Agreed {
  /** It ended the person's opt-out. */
  readonly lifted: boolean;
  /** Why the number is opted out all the same; null: it is not. */
  readonly stands: WhyItStands | null;
}

/** Who said no to offers by a text, and nobody else for him, may say yes again. */
const isOwnWord = ({ source, alsoSource }: SuppressionRow): boolean =>
  source === "reply" && alsoSource === null;

const saidAt = ({ lastAt, createdAt }: SuppressionRow): number => lastAt ?? createdAt;

function whyNot(rows: readonly SuppressionRow[], { at, evidence }: Consent): WhyItStands | null {
  if (rows.some((row) => row.scope === "all")) return "all";
  if (!rows.every(isOwnWord)) return "not-his-own";
  if (rows.some((row) => saidAt(row) >= at)) return "older";
  return evidence === null ? "no-evidence" : null;
}

/**
 * Ends the opt-out that a person made by a reply, where the consent shows that he agreed after it.
 * Nobody else's word is ended by it, nor is what he says while this goes on.
 */
export async function agreeAnew(deps: PermissionDeps, consent: Consent): Promise<Agreed> {
  const { storefront, to } = consent;
  // Nobody agrees ahead of time: a shop's clock that is fast must not reach what is said meanwhile.
  const at = Math.min(consent.at, deps.clock.now());
  const indexes = deps.keys.blindIndexes(to);
  const rows = await suppressionsOf(deps.db, storefront, indexes);
  const number = deps.keeper(to);
  const { suppressed } = await number.permissions(storefront);
  const isOut = suppressed.marketing !== undefined || suppressed.all !== undefined;
  if (!isOut && rows.length === 0) return { lifted: false, stands: null };
  if (rows.length === 0) return { lifted: false, stands: "unrecorded" };
  const stands = whyNot(rows, { ...consent, at });
  if (stands) return { lifted: false, stands };
  const notices = await noticesOf(deps, to, "other");
  const lifted = await number.lift(storefront, "marketing", at);
  if (!lifted && suppressed.marketing !== undefined) return { lifted: false, stands: "older" };
  const gone = { storefront, indexes, scope: "marketing", saidBefore: at } as const;
  await deleteSuppression(deps.db, gone, notices);
  return { lifted: true, stands: null };
}
