import type { Visitor } from "./visitor.ts";

/** A link as it is asked for. */
export interface NewLink {
  readonly storefront: string;
  /** A web address in ASCII, UTM parameters and all. */
  readonly target: string;
  /** A `msg_` id. */
  readonly message: string | null;
  readonly campaign: string | null;
  readonly variant: string | null;
  readonly toIndex: string | null;
  readonly expiresAt: number | null;
}

export interface Link extends NewLink {
  readonly code: string;
  readonly createdAt: number;
  readonly clicks: number;
  readonly fetches: number;
  readonly clickedAt: number | null;
}

/** One visit. */
export interface Click {
  readonly code: string;
  readonly kind: Visitor;
  readonly at: number;
  readonly storefront: string;
  readonly toIndex: string | null;
  /** The `msg_` id whose arrival tells whether it was a person at all. */
  readonly inDoubt: string | null;
}

/** A message of which a person opened a link. */
export interface ClickedMessage {
  readonly message: string;
  readonly campaign: string | null;
  readonly variant: string | null;
  readonly at: number;
}
