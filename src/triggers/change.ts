import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { MINUTE } from "../lib/time.ts";
import type { NewEvent } from "./event.ts";

type Row = Readonly<Record<string, unknown>>;

/** What became of one row of somebody's database. */
export interface Change {
  readonly table: string;
  readonly key: string | number;
  /** Null: there was no row. */
  readonly before: Row | null;
  /** Null: there is none any more. */
  readonly after: Row | null;
}

/** A feed that tells something twice does so within this; a row may well change back after it. */
const WINDOW_MS = 10 * MINUTE;

const verbOf = ({ before, after }: Change): string => {
  if (!before) return "created";
  return after ? "updated" : "deleted";
};

/**
 * A change as an event, `orders.updated`, whose data has both rows. Changes have no id: one that
 * says the same as another of these or the last ten minutes is that one. So there are two ids, of
 * the window and of the one before; the change is new unless that one was told after `after`.
 */
export function eventOfChange(
  change: Change,
  now: number,
): {
  readonly event: NewEvent & { readonly id: string };
  readonly earlier: { readonly id: string; readonly after: number };
} {
  const { table, key, before, after } = change;
  const said = canonicalize({ table, key, before, after }) ?? "";
  const digest = createHash("sha256").update(said).digest("hex").slice(0, 32);
  const idIn = (window: number) => `change:${digest}:${window}`;
  const window = Math.floor(now / WINDOW_MS);
  const event = {
    id: idIn(window),
    name: `${table}.${verbOf(change)}`,
    to: null,
    country: null,
    contact: null,
    data: { table, key, before, after },
    occurredAt: null,
  };
  return { event, earlier: { id: idIn(window - 1), after: now - WINDOW_MS } };
}
