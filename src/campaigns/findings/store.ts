import { and, desc, eq, isNull, lt, or } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { findings } from "../table.ts";
import { type Finding, type FindingStatus, reportPath } from "./finding.ts";

export interface FindingFilter {
  readonly id?: string | undefined;
  readonly storefront?: string | undefined;
  readonly status?: FindingStatus | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

/** The newest first. */
export const pageFindings = (
  db: Database,
  { id, storefront, status, below }: FindingFilter,
  limit: number,
): Promise<Finding[]> =>
  db
    .select()
    .from(findings)
    .where(
      and(
        id === undefined ? undefined : eq(findings.id, id),
        storefront === undefined ? undefined : eq(findings.storefront, storefront),
        status === undefined ? undefined : eq(findings.status, status),
        below === undefined ? undefined : lt(findings.id, below),
      ),
    )
    .orderBy(desc(findings.id))
    .limit(limit);

/** Those that a campaign has a part in, the newest first. */
export const findingsOf = (
  db: Database,
  { id, storefront }: { readonly id: string; readonly storefront: string },
): Promise<Finding[]> =>
  db
    .select()
    .from(findings)
    .where(
      and(
        eq(findings.storefront, storefront),
        or(
          eq(findings.experiment, id),
          eq(findings.rollout, id),
          eq(findings.source, reportPath(id)),
        ),
      ),
    )
    .orderBy(desc(findings.id));

export async function insertFinding(db: Database, finding: Finding): Promise<void> {
  await db.insert(findings).values(finding);
}

/** False: somebody else has changed it since it was read. */
export async function changeFinding(
  db: Database,
  seen: Pick<Finding, "id" | "updatedAt">,
  change: Partial<Omit<Finding, "id">>,
): Promise<boolean> {
  const changed = await db
    .update(findings)
    .set(change)
    .where(and(eq(findings.id, seen.id), eq(findings.updatedAt, seen.updatedAt)))
    .returning({ id: findings.id });
  return changed.length > 0;
}

/** Names the campaign that goes on with what an experiment showed, where none is named yet. */
export async function linkRollout(
  db: Database,
  { storefront, id }: { readonly storefront: string; readonly id: string },
  rollout: string,
  now: number,
): Promise<void> {
  await db
    .update(findings)
    .set({ rollout, updatedAt: now })
    .where(
      and(
        eq(findings.storefront, storefront),
        eq(findings.experiment, id),
        isNull(findings.rollout),
      ),
    );
}
