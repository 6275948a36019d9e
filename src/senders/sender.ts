export type SenderStatus = "submitted" | "approved" | "rejected";

/** Who a handset shows: the name in 【】, without the brackets. */
export interface Sender {
  /** A `snd_` id. */
  readonly id: string;
  readonly storefront: string;
  readonly name: string;
}

/** What became of a sender's name at one account. */
export interface SenderFiling {
  readonly account: string;
  /** The vendor's id of the filing; null until the vendor has told it. */
  readonly providerSenderId: string | null;
  readonly status: SenderStatus;
  /** The carriers' real-name register, where the vendor shows it; `registered` is all of them. */
  readonly carrierState: string | null;
  /** The vendor's words when it refused the filing. */
  readonly detail: string | null;
}

/** The carriers' state when each of them knows the name. */
export const ALL_REGISTERED = "registered";

/** 2 to 12 characters, as both mainland vendors take a name: no brackets, blanks or commas. */
export const SENDER_NAME = /^[^【】()（）[\]\s、，,。\p{Cc}\p{Cf}]{2,12}$/u;

/** Approved by one is enough to send; where nobody files names there is nothing to wait for. */
export function senderStatus(filings: readonly SenderFiling[]): SenderStatus {
  if (filings.length === 0 || filings.some((one) => one.status === "approved")) return "approved";
  return filings.every((one) => one.status === "rejected") ? "rejected" : "submitted";
}
