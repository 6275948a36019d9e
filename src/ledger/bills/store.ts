import { and, asc, desc, eq, gt, isNotNull, isNull, lt, lte, or, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import type { LedgerText } from "../../messages/billed.ts";
import { billLines, bills } from "../table.ts";
import type { BilledText, Judged, Verdict } from "./bill.ts";

export type Bill = typeof bills.$inferSelect;
export type BillLine = typeof billLines.$inferSelect;

/** Lines of one deletion. */
const DROPPED_AT_ONCE = 5_000;

export const lineOf = (row: number): string => String(row).padStart(9, "0");

export const beginBill = (db: Database, id: string, now: number) =>
  db.insert(bills).values({ id, status: "uploading", createdAt: now });

export async function keepLines(
  db: Database,
  bill: string,
  lines: readonly BilledText[],
): Promise<void> {
  const rows = lines.map(({ row, name, segments, amount }) => ({
    ...{ line: lineOf(row), name, segments },
    amount: amount === null ? null : Number(amount),
  }));
  await db.run(sql`
    INSERT INTO bill_lines (bill, line, name, segments, amount)
    SELECT ${bill}, value->>'line', value->>'name', value->>'segments', value->>'amount'
    FROM json_each(${JSON.stringify(rows)})`);
}

export async function findBill(db: Database, id: string): Promise<Bill | null> {
  const [row] = await db.select().from(bills).where(eq(bills.id, id));
  return row ?? null;
}

/** The bill that the same file made before, or null. */
export async function findSame(db: Database, account: string, digest: string) {
  const [row] = await db
    .select()
    .from(bills)
    .where(and(eq(bills.account, account), eq(bills.digest, digest)))
    .limit(1);
  return row ?? null;
}

export const changeBill = (db: Database, id: string, changes: Partial<Omit<Bill, "id">>) =>
  db
    .update(bills)
    .set({ ...changes, id })
    .where(eq(bills.id, id));

/**
 * Takes a bill to compare, or keeps it; null where it is in another's hand or has nothing to
 * compare. Every hold ends later than the ones before it, so `held` is nobody else's.
 */
export async function holdBill(
  db: Database,
  id: string,
  { held, now, until }: { readonly held: number; readonly now: number; readonly until: number },
): Promise<Bill | null> {
  const isFree = or(eq(bills.heldUntil, held), lte(bills.heldUntil, now));
  const [row] = await db
    .update(bills)
    .set({ heldUntil: until })
    .where(and(eq(bills.id, id), eq(bills.status, "comparing"), isFree))
    .returning();
  return row ?? null;
}

/** Changes a bill that is still held as it was read; false where another took it meanwhile. */
export async function changeHeld(
  db: Database,
  { id, heldUntil }: Bill,
  changes: Partial<Omit<Bill, "id">>,
): Promise<boolean> {
  const changed = await db
    .update(bills)
    .set(changes)
    .where(and(eq(bills.id, id), eq(bills.heldUntil, heldUntil)))
    .returning({ id: bills.id });
  return changed.length > 0;
}

/** Its lines go in parts, the bill last: broken off, it is found again. */
export async function dropBill(db: Database, id: string): Promise<void> {
  for (;;) {
    const { meta } = await db.run(sql`
      DELETE FROM bill_lines WHERE rowid IN
        (SELECT rowid FROM bill_lines WHERE bill = ${id} LIMIT ${DROPPED_AT_ONCE})`);
    if (meta.changes < DROPPED_AT_ONCE) break;
  }
  await db.delete(bills).where(eq(bills.id, id));
}

export const listComparing = (db: Database): Promise<Bill[]> =>
  db.select().from(bills).where(eq(bills.status, "comparing"));

/** Uploads that nobody ended. */
export const listAbandoned = (db: Database, before: number): Promise<Bill[]> =>
  db
    .select()
    .from(bills)
    .where(and(eq(bills.status, "uploading"), lt(bills.createdAt, before)));

export const listBills = (db: Database, below: string | undefined, limit: number) =>
  db
    .select()
    .from(bills)
    .where(and(isNotNull(bills.account), below ? lt(bills.id, below) : undefined))
    .orderBy(desc(bills.id))
    .limit(limit);

/** Lines that are not compared yet, in their order. */
export async function nextLines(db: Database, bill: string, limit: number): Promise<BilledText[]> {
  const rows = await db
    .select()
    .from(billLines)
    .where(and(eq(billLines.bill, bill), isNull(billLines.verdict)))
    .orderBy(asc(billLines.line))
    .limit(limit);
  return rows.map(({ line, name, segments, amount }) => ({
    ...{ row: Number(line), name, segments },
    amount: amount === null ? null : BigInt(amount),
  }));
}

/** Which of the messages a line of the bill stands for already. */
export async function takenOf(
  db: Database,
  bill: string,
  messages: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .select({ message: billLines.message })
    .from(billLines)
    .where(
      and(
        eq(billLines.bill, bill),
        sql`${billLines.message} IN (SELECT value FROM json_each(${JSON.stringify(messages)}))`,
      ),
    );
  return new Set(rows.flatMap((row) => row.message ?? []));
}

/** A line keeps the first verdict it gets. */
export async function saveVerdicts(db: Database, bill: string, judged: readonly Judged[]) {
  const rows = judged.map(({ row, verdict, ours }) => ({
    bill,
    line: lineOf(row),
    verdict,
    message: ours?.message ?? null,
    segments: ours?.segments ?? null,
    amount: ours ? Number(ours.amount) : null,
  }));
  await db.run(sql`
    UPDATE bill_lines SET verdict = v.value->>'verdict', message = v.value->>'message',
      our_segments = v.value->>'segments', our_amount = v.value->>'amount'
    FROM json_each(${JSON.stringify(rows)}) AS v
    WHERE bill = v.value->>'bill' AND line = v.value->>'line' AND verdict IS NULL`);
}

/** Texts of ours that the bill does not name; the same again changes nothing. */
export async function addMissing(db: Database, bill: string, texts: readonly LedgerText[]) {
  const rows = texts.map(({ message, segments, amount }) => ({
    ...{ message, segments },
    amount: Number(amount),
  }));
  await db.run(sql`
    INSERT INTO bill_lines (bill, line, name, verdict, message, our_segments, our_amount)
    SELECT ${bill}, value->>'message', value->>'message', 'missing_there', value->>'message',
      value->>'segments', value->>'amount'
    FROM json_each(${JSON.stringify(rows)}) WHERE true ON CONFLICT DO NOTHING`);
}

/** How many lines there are of each verdict. */
export async function countVerdicts(
  db: Database,
  bill: string,
): Promise<ReadonlyMap<Verdict | null, number>> {
  const rows = await db
    .select({ verdict: billLines.verdict, lines: sql<number>`count(*)` })
    .from(billLines)
    .where(eq(billLines.bill, bill))
    .groupBy(billLines.verdict);
  return new Map(rows.map((row) => [row.verdict, row.lines]));
}

export const pageLines = (
  db: Database,
  filter: { readonly bill: string; readonly verdict: Verdict; readonly after?: string | undefined },
  limit: number,
): Promise<BillLine[]> =>
  db
    .select()
    .from(billLines)
    .where(
      and(
        eq(billLines.bill, filter.bill),
        eq(billLines.verdict, filter.verdict),
        filter.after ? gt(billLines.line, filter.after) : undefined,
      ),
    )
    .orderBy(asc(billLines.line))
    .limit(limit);
