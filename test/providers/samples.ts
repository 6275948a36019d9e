import type { Push, SentText, Submission, WireResponse } from "../../src/providers/provider.ts";
import type { ProviderId } from "../../src/providers/registry.ts";
import { aliyun } from "./samples/aliyun.ts";
import { smsbao } from "./samples/smsbao.ts";
import { tencent } from "./samples/tencent.ts";
import { twilio } from "./samples/twilio.ts";
import { yunpian } from "./samples/yunpian.ts";

/** What the contract needs to know of one vendor to try it: the rest holds for all. */
export interface ProviderSamples {
  /** Its required fields alone. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Fields whose values are secret. */
  readonly secrets: readonly string[];
  /** The one part of a request in which the vendor's own protocol demands its secrets; else null. */
  readonly secretsTravelIn: "url" | "headers" | "body" | null;
  /** Whether a request carries its time or nonce: if not, every stamp makes the same one. */
  readonly isStamped: boolean;
  readonly accepted: WireResponse;
  /** The id that `accepted` names, or null where the vendor gives none. */
  readonly acceptedId: string | null;
  /** A refusal for which another provider may do. */
  readonly refusal: WireResponse;
  /** The same in these words; null where the vendor has no words. */
  readonly refused: ((words: string) => WireResponse) | null;
  /** Bodies that are no answer, at the status of `accepted`: the wrong types, a success without its id. */
  readonly unreadable: readonly string[];
  /** Of what the description declares as null there are no samples. */
  readonly batch: BatchSamples | null;
  readonly query: QuerySamples | null;
  readonly receipts: PushSamples | null;
  readonly replies: PushSamples | null;
}

export interface BatchSamples {
  /**
   * The answer that accepts some texts and refuses others; all of them one way where the vendor
   * settles a batch as a whole. What it says of a text depends on that text alone, not on its place.
   */
  answers(accepted: readonly Submission[], refused: readonly Submission[]): WireResponse;
  /** Bodies that say nothing of any text. */
  readonly unreadable: readonly string[];
}

export interface QuerySamples {
  /** A complete list with this text on it, delivered. */
  found(sent: SentText): WireResponse;
  /** A complete list without it; null where no list of the vendor's can prove that. */
  readonly absent: WireResponse | null;
  /** Bodies that leave it open: refusals, lists of which a part is missing or not readable. */
  unclear(sent: SentText): readonly string[];
}

export interface PushSamples {
  /** The vendor's push of these elements, signed where it signs. */
  push(elements: readonly unknown[]): Push;
  /** Elements in one push. */
  readonly holds: "many" | "one";
  readonly element: unknown;
  /** What is read from it, in part. */
  readonly reads: Readonly<Record<string, unknown>>;
  /** Elements that can't be read. */
  readonly broken: readonly unknown[];
  readonly acknowledgement: { readonly contentType: string; readonly body: string };
}

export const samples: Readonly<Record<ProviderId, ProviderSamples>> = {
  aliyun,
  tencent,
  smsbao,
  twilio,
  yunpian,
};
