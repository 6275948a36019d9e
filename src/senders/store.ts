import { and, desc, eq, getTableColumns, inArray, lt, ne, or, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { raiseVersion } from "../db/snapshot.ts";
import { isTaken } from "../db/unique.ts";
import { ALL_REGISTERED, type Sender, type SenderFiling } from "./sender.ts";
import { senderFilings, senders } from "./table.ts";

export type StoredSender = Sender & {
  readonly filings: readonly SenderFiling[];
  readonly createdAt: number;
};

export interface SenderFilter {
  readonly id?: string | undefined;
  readonly storefront?: string | undefined;
  readonly name?: string | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

export const listSenders = (db: Database): Promise<Sender[]> =>
  db.select({ id: senders.id, storefront: senders.storefront, name: senders.name }).from(senders);

/** The newest first. */
export async function pageSenders(
  db: Database,
  filter: SenderFilter,
  limit: number,
): Promise<StoredSender[]> {
  const { id, storefront, name, below } = filter;
  const rows = await db
    .select()
    .from(senders)
    .where(
      and(
        id ? eq(senders.id, id) : undefined,
        storefront ? eq(senders.storefront, storefront) : undefined,
        name ? eq(senders.name, name) : undefined,
        below ? lt(senders.id, below) : undefined,
      ),
    )
    .orderBy(desc(senders.id))
    .limit(limit);
  // As one parameter: D1 takes a hundred at most.
  const ids = JSON.stringify(rows.map((row) => row.id));
  const filings = await db
    .select()
    .from(senderFilings)
    .where(inArray(senderFilings.sender, sql`(SELECT value FROM json_each(${ids}))`))
    .orderBy(senderFilings.account);
  const bySender = Map.groupBy(filings, (filing) => filing.sender);
  return rows.map((row) => ({ ...row, filings: bySender.get(row.id) ?? [] }));
}

/** The statements that write a sender with its filings. */
export const insertSender = (
  db: Database,
  { id, storefront, name }: Sender,
  filings: readonly SenderFiling[],
  now: number,
) =>
  [
    db.insert(senders).values({ id, storefront, name, createdAt: now }),
    ...filings.map((filing) => db.insert(senderFilings).values({ ...filing, sender: id })),
  ] as const;

/** False when the storefront has a sender of this name. */
export async function createSender(
  db: Database,
  sender: Sender,
  filings: readonly SenderFiling[],
  now: number,
): Promise<boolean> {
  try {
    await db.batch([raiseVersion(db), ...insertSender(db, sender, filings, now)]);
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

/** Notes what became of filings, one a sender and account. */
export async function saveFilings(
  db: Database,
  sender: string,
  filings: readonly SenderFiling[],
): Promise<void> {
  for (const filing of filings) {
    const { account: _, ...known } = filing;
    await db
      .insert(senderFilings)
      .values({ ...filing, sender })
      .onConflictDoUpdate({
        target: [senderFilings.sender, senderFilings.account],
        set: known,
      });
  }
}

/** A filing with the name that was filed. */
export type NamedFiling = SenderFiling & { readonly sender: string; readonly name: string };

/** Filings that wait for the vendor's review, or for the carriers' registers behind it. */
export const listUnsettledFilings = (db: Database, sender?: string): Promise<NamedFiling[]> =>
  db
    .select({ ...getTableColumns(senderFilings), name: senders.name })
    .from(senderFilings)
    .innerJoin(senders, eq(senders.id, senderFilings.sender))
    .where(
      and(
        sender ? eq(senderFilings.sender, sender) : undefined,
        or(
          eq(senderFilings.status, "submitted"),
          and(eq(senderFilings.status, "approved"), ne(senderFilings.carrierState, ALL_REGISTERED)),
        ),
      ),
    )
    .orderBy(senderFilings.sender, senderFilings.account);

/** How a look at a filing ended; one that changed in the meantime keeps what it has. */
export const saveLook = (db: Database, before: NamedFiling, after: SenderFiling) => {
  const { providerSenderId, status, carrierState, detail } = after;
  return db
    .update(senderFilings)
    .set({ providerSenderId, status, carrierState, detail })
    .where(
      and(
        eq(senderFilings.sender, before.sender),
        eq(senderFilings.account, before.account),
        eq(senderFilings.status, before.status),
        sql`${senderFilings.providerSenderId} IS ${before.providerSenderId}`,
      ),
    );
};
