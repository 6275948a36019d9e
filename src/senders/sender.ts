export type SenderStatus = "submitted" | "approved" | "rejected";

/** Who a handset shows: the name in 【】, without the brackets. */
export interface Sender {
  /** A `snd_` id. */
  readonly id: string;
  readonly storefront: string;
  readonly name: string;
}
