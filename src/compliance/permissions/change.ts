import type { Database } from "../../db/client.ts";
import type { IdPrefix } from "../../lib/id.ts";
import type { Keys } from "../../lib/keys.ts";
import { mapInLanes } from "../../lib/lanes.ts";
import type { Clock } from "../../lib/time.ts";
import type { PermissionScope, Permissions } from "../../phone/permissions.ts";
import type { Suppressed } from "../../phone/texts.ts";
import type { NoticeRow } from "../opt-out-notices/store.ts";
import { type Evidence, readEvidence, writeEvidence } from "./evidence.ts";
import {
  type ConsentRow,
  deleteSuppression,
  insertComplaint,
  insertConsents,
  insertSuppression,
  suppressionsOf,
} from "./store.ts";

/** What a number's object answers to, of what its owner allows. */
export interface PermissionKeeper {
  suppress(storefront: string, scope: PermissionScope, at: number): Promise<Suppressed>;
  lift(storefront: string, scope: PermissionScope, saidBefore?: number): Promise<boolean>;
  grant(storefront: string, scope: PermissionScope, at: number): Promise<void>;
  permissions(storefront: string): Promise<Permissions>;
}

export interface PermissionDeps {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly newId: (prefix: IdPrefix) => string;
  readonly keeper: (e164: string) => PermissionKeeper;
  readonly wait: (ms: number) => Promise<void>;
  /** Accounts whose vendors keep a list of opt-outs and are told of ours. */
  readonly lists: () => Promise<readonly OptOutKeeper[]>;
}

export interface OptOutKeeper {
  /** An `acc_` id. */
  readonly account: string;
  readonly provider: string;
}

/** Who told us of an opt-out. */
export const SUPPRESSION_SOURCES = ["api", "reply", "complaint", "provider", "shop"] as const;
export type SuppressionSource = (typeof SUPPRESSION_SOURCES)[number];

export interface OptOut {
  readonly storefront: string;
  /** E.164. */
  readonly to: string;
  readonly scope: PermissionScope;
  readonly reason: string;
  readonly source: SuppressionSource;
  /** The vendor who said it, and knows. */
  readonly provider?: string;
}

const sealedIn = (table: string, column: string, id: string): string => `${table}|${column}|${id}`;

export const openSuppressed = (
  keys: Keys,
  row: { readonly id: string; readonly toSealed: string },
) => keys.unseal(row.toSealed, sealedIn("suppressions", "to", row.id));

export const openComplaint = (
  keys: Keys,
  row: { readonly id: string; readonly toSealed: string; readonly textSealed: string | null },
) => ({
  to: keys.unseal(row.toSealed, sealedIn("complaints", "to", row.id)),
  text: row.textSealed && keys.unseal(row.textSealed, sealedIn("complaints", "text", row.id)),
});

export const openEvidence = (
  keys: Keys,
  { id, evidenceSealed }: Pick<ConsentRow, "id" | "evidenceSealed">,
): Evidence | null =>
  evidenceSealed && readEvidence(keys.unseal(evidenceSealed, sealedIn("consents", "evidence", id)));

/** What is to be told to whom of a number that changed, for the commit that changes it. */
export async function noticesOf(
  { keys, clock, newId, lists }: PermissionDeps,
  to: string,
  via: NoticeRow["via"],
  except?: string,
): Promise<NoticeRow[]> {
  const at = clock.now();
  const told = (await lists()).filter(({ provider }) => provider !== except);
  return told.map(({ account }) => {
    const id = newId("ntc");
    const toSealed = keys.seal(to, sealedIn("opt_out_notices", "to", id));
    return { id, account, toIndex: keys.blindIndex(to), toSealed, via, at, dueAt: at, tries: 0 };
  });
}

/** Opts a number out: no text of the scope is let go from now on. Says when none can still leave. */
export async function beginOptOut(deps: PermissionDeps, input: OptOut): Promise<Suppressed> {
  const { keys } = deps;
  const now = deps.clock.now();
  const suppressed = await deps.keeper(input.to).suppress(input.storefront, input.scope, now);
  const id = deps.newId("sup");
  const row = {
    id,
    storefront: input.storefront,
    scope: input.scope,
    toIndex: keys.blindIndex(input.to),
    toSealed: keys.seal(input.to, sealedIn("suppressions", "to", id)),
    reason: input.reason,
    source: input.source,
    createdAt: now,
    alsoSource: null,
    lastAt: null,
  };
  const via = input.source === "reply" ? "reply" : "other";
  await insertSuppression(deps.db, row, await noticesOf(deps, input.to, via, input.provider));
  return suppressed;
}

/**
 * Opts a number out. When it returns, no text of the scope that was let go before can still begin
 * to leave. True when the number was not opted out already.
 */
export async function optOut(deps: PermissionDeps, input: OptOut): Promise<boolean> {
  const { isNew, effectiveAt } = await beginOptOut(deps, input);
  const rest = effectiveAt - deps.clock.now();
  // Who asks again waits as long: what was let go before the first word may still be leaving.
  if (rest > 0) await deps.wait(rest);
  return isNew;
}

/** Takes an opt-out back; false when there was none, of which no vendor hears. */
export async function liftOptOut(
  deps: PermissionDeps,
  {
    storefront,
    to,
    scope,
    source,
  }: Pick<OptOut, "storefront" | "to" | "scope"> & { readonly source: "api" | "reply" },
): Promise<boolean> {
  const indexes = deps.keys.blindIndexes(to);
  const rows = await suppressionsOf(deps.db, storefront, indexes);
  const isKnown = rows.some((row) => row.scope === scope);
  const via = source === "reply" ? "reply" : "other";
  const notices = isKnown ? await noticesOf(deps, to, via) : [];
  const lifted = await deps.keeper(to).lift(storefront, scope);
  const gone = await deleteSuppression(deps.db, { storefront, indexes, scope }, notices);
  return lifted || gone;
}

export interface Consent {
  readonly storefront: string;
  /** E.164. */
  readonly to: string;
  readonly scope: PermissionScope;
  readonly source: string;
  readonly textVersion: string;
  /** When it was given, in milliseconds. */
  readonly at: number;
  readonly evidence: Evidence | null;
}

/** Numbers that are told at a time. */
const NUMBERS_AT_ONCE = 6;

/** Records consents, a thousand at most. They take no opt-out back: see `agree-anew.ts`. */
export async function recordConsents(
  deps: PermissionDeps,
  inputs: readonly (Consent & {
    /** The same one again is the same consent. */
    readonly id: string;
  })[],
): Promise<void> {
  const { keys } = deps;
  const recordedAt = deps.clock.now();
  // The proof first: without it nobody may say that there is consent.
  await insertConsents(
    deps.db,
    inputs.map(({ id, to, evidence, ...consent }) => ({
      ...consent,
      id,
      toIndex: keys.blindIndex(to),
      toSealed: keys.seal(to, sealedIn("consents", "to", id)),
      evidenceSealed:
        evidence === null
          ? null
          : keys.seal(writeEvidence(evidence), sealedIn("consents", "evidence", id)),
      recordedAt,
    })),
  );
  await mapInLanes(inputs, NUMBERS_AT_ONCE, ({ to, storefront, scope, at }) =>
    deps.keeper(to).grant(storefront, scope, at),
  );
}

/** Records one consent, as `recordConsents` does. Returns its id. */
export async function recordConsent(deps: PermissionDeps, input: Consent): Promise<string> {
  const id = deps.newId("con");
  await recordConsents(deps, [{ ...input, id }]);
  return id;
}

/** Records a complaint; who complains gets no more offers. */
export async function recordComplaint(
  deps: PermissionDeps,
  input: {
    /** The same one again is the same complaint; without it each is another. */
    readonly id?: string;
    readonly storefront: string;
    readonly to: string;
    readonly message: string | null;
    readonly text: string | null;
    readonly source: "api" | "reply";
  },
): Promise<{ readonly id: string; readonly createdAt: number }> {
  const { keys } = deps;
  const { storefront, to } = input;
  const createdAt = deps.clock.now();
  const id = input.id ?? deps.newId("cpl");
  await insertComplaint(deps.db, {
    id,
    storefront,
    toIndex: keys.blindIndex(to),
    toSealed: keys.seal(to, sealedIn("complaints", "to", id)),
    message: input.message,
    textSealed:
      input.text === null ? null : keys.seal(input.text, sealedIn("complaints", "text", id)),
    source: input.source,
    createdAt,
  });
  await optOut(deps, { storefront, to, scope: "marketing", reason: id, source: "complaint" });
  return { id, createdAt };
}
