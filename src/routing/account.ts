import type { Provider } from "../providers/provider.ts";

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
}
