import { and, eq, exists, inArray, isNull, ne, notExists, or, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { raiseVersion } from "../../db/snapshot.ts";
import { templateBindings, templates } from "../table.ts";
import type { Binding } from "../template.ts";

export const toBinding = (row: typeof templateBindings.$inferSelect): Binding => ({
  account: row.account,
  region: row.region,
  providerTemplateId: row.providerTemplateId,
  status: row.status,
  detail: row.detail,
  parameters: row.parameters,
  frame: row.frame,
});

/** The statement that writes what an account calls a version, in place of what it called it. */
export const bindingRow = (db: Database, template: string, version: number, binding: Binding) => {
  const row = { ...binding, template, version, parameters: [...binding.parameters] };
  const { template: id, version: of, account, region, frame } = templateBindings;
  return db
    .insert(templateBindings)
    .values(row)
    .onConflictDoUpdate({ target: [id, of, account, region, frame], set: row });
};

/**
 * Those that wait for a provider: some binding is pending, nothing was filed yet, or a finished
 * review was not drawn from.
 */
export async function listUnsettled(db: Database): Promise<string[]> {
  const pending = db
    .select({ one: sql`1` })
    .from(templateBindings)
    .where(
      and(
        eq(templateBindings.template, templates.id),
        eq(templateBindings.status, "submitted"),
        or(
          eq(templateBindings.version, templates.liveVersion),
          and(
            eq(templateBindings.version, templates.version),
            inArray(templates.status, ["submitted", "approved"]),
          ),
        ),
      ),
    );
  const filed = db
    .select({ one: sql`1` })
    .from(templateBindings)
    .where(
      and(
        eq(templateBindings.template, templates.id),
        eq(templateBindings.version, templates.version),
      ),
    );
  const rows = await db
    .select({ id: templates.id })
    .from(templates)
    .where(
      or(
        exists(pending),
        and(eq(templates.status, "submitted"), isNull(templates.submittedBy)),
        and(eq(templates.status, "submitted"), eq(templates.channel, "sms"), notExists(filed)),
        and(
          eq(templates.status, "approved"),
          or(isNull(templates.liveVersion), ne(templates.liveVersion, templates.version)),
        ),
      ),
    )
    .orderBy(templates.id);
  return rows.map((row) => row.id);
}

/** Bindings as filed, in place of what was known of their accounts. */
export const saveBindings = (
  db: Database,
  id: string,
  version: number,
  bindings: readonly Binding[],
) =>
  db.batch([raiseVersion(db), ...bindings.map((binding) => bindingRow(db, id, version, binding))]);

/** A person's words on a version, beside each of its bindings. */
export const saveReason = (db: Database, id: string, version: number, reason: string) =>
  db
    .update(templateBindings)
    .set({ detail: reason })
    .where(and(eq(templateBindings.template, id), eq(templateBindings.version, version)));

/** How reviews ended. One that was filed anew in the meantime keeps what it has. */
export const saveReviews = (
  db: Database,
  id: string,
  version: number,
  reviews: readonly { readonly before: Binding; readonly after: Binding }[],
) =>
  db.batch([
    raiseVersion(db),
    ...reviews.map(({ before, after }) =>
      db
        .update(templateBindings)
        .set({
          providerTemplateId: after.providerTemplateId,
          status: after.status,
          detail: after.detail,
        })
        .where(
          and(
            eq(templateBindings.template, id),
            eq(templateBindings.version, version),
            eq(templateBindings.account, before.account),
            eq(templateBindings.region, before.region),
            eq(templateBindings.frame, before.frame ?? ""),
            eq(templateBindings.status, "submitted"),
            eq(templateBindings.providerTemplateId, before.providerTemplateId),
          ),
        ),
    ),
  ]);
