import type { StopReason } from "../flags/flags.ts";
import type { Price, Provider } from "../providers/provider.ts";

/** An account at a provider, ready to be used: its credentials are open, so it is never stored or logged. */
export interface Account {
  /** An `acc_` id. */
  readonly id: string;
  readonly name: string;
  readonly provider: Provider;
  readonly credentials: unknown;
  readonly endpoint: string;
  /** Part of its callback URL. */
  readonly token: string;
  /** The one before the last rotation, good until then. */
  readonly previousToken?: { readonly token: string; readonly until: number };
  readonly enabled: boolean;
  /** Why an operator keeps its provider back; absent while nobody does. */
  readonly stopped?: StopReason;
  /** Origin of the forwarder with a fixed address that its requests take, or null. */
  readonly relay: string | null;
  /** Requests a second; null is the vendor's own. */
  readonly perSecond: number | null;
  /** What it pays for a segment, by country or `*`; null is the vendor's list. */
  readonly prices: Readonly<Record<string, Price>> | null;
  /** What it pays for a segment while a package lasts, by country or `*`; goes first. */
  readonly prepaid?: Readonly<Record<string, Price>>;
  /** Whether what ends undelivered costs nothing; null or left out: as the vendor's pages say. */
  readonly refunds?: boolean | null;
  readonly createdAt: number;
}

/** Whether a text may leave by it now. */
export const isUsable = ({ enabled, stopped }: Account): boolean => enabled && !stopped;

/** Where its vendor pushes to; null for what it does not push. Who knows them can make up receipts. */
export function callbackUrls(
  origin: string,
  { id, provider, token }: Pick<Account, "id" | "provider" | "token">,
): { readonly receipts: string | null; readonly replies: string | null } {
  const base = `${origin}/webhooks/${provider.id}/${id}/${token}`;
  return {
    receipts: provider.receipts && `${base}/receipts`,
    replies: provider.replies && `${base}/replies`,
  };
}

/** Requests a second that an account may make. */
export const rateOf = ({ perSecond, provider }: Account): number =>
  perSecond ?? provider.requestsPerSecond;
