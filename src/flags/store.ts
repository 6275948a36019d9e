import { and, eq } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { raiseVersion } from "../db/snapshot.ts";
import { FEATURES, type Flags, STOPPABLE, type Stop, type Stoppable } from "./flags.ts";
import { flags } from "./table.ts";

/** One thing that is switched off or on. */
export interface FlagChange {
  readonly kind: Stoppable | "features";
  readonly name: string;
  readonly off: boolean;
  readonly reason: string;
}

export async function readFlags(db: Database): Promise<Flags> {
  const rows = await db.select().from(flags);
  const stopsOf = (kind: Stoppable): ReadonlyMap<string, Stop> =>
    new Map(rows.filter((row) => row.kind === kind).map((row) => [row.name, row]));
  const isOn = (feature: string) =>
    !rows.some((row) => row.kind === "features" && row.name === feature);
  return {
    stops: Object.fromEntries(STOPPABLE.map((kind) => [kind, stopsOf(kind)])) as Flags["stops"],
    features: Object.fromEntries(
      FEATURES.map((feature) => [feature, isOn(feature)]),
    ) as Flags["features"],
  };
}

/** All of them or none; what was off already keeps its `since`. */
export async function changeFlags(
  db: Database,
  changes: readonly FlagChange[],
  now: number,
): Promise<void> {
  const statements = changes.map(({ kind, name, off, reason }) =>
    off
      ? db
          .insert(flags)
          .values({ kind, name, reason, since: now })
          .onConflictDoUpdate({ target: [flags.kind, flags.name], set: { reason } })
      : db.delete(flags).where(and(eq(flags.kind, kind), eq(flags.name, name))),
  );
  await db.batch([raiseVersion(db), ...statements]);
}
