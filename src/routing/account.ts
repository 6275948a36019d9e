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
  readonly enabled: boolean;
  /** Origin of the forwarder with a fixed address that its requests take, or null. */
  readonly relay: string | null;
  /** Requests a second; null is the vendor's own. */
  readonly perSecond: number | null;
  /** What it pays for a segment, by country or `*`; null is the vendor's list. */
  readonly prices: Readonly<Record<string, Price>> | null;
  readonly createdAt: number;
}

/** Requests a second that an account may make. */
export const rateOf = ({ perSecond, provider }: Account): number =>
  perSecond ?? provider.requestsPerSecond;
