import { and, desc, eq, inArray, lt } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import { type AttributionWindows, defaultWindows } from "./attribute.ts";
import type { Conversion } from "./conversion.ts";
import { conversionSettings, conversions } from "./table.ts";

interface Deps {
  readonly db: Database;
  readonly keys: Keys;
}

const sealedIn = (id: string): string => `conversions|to|${id}`;

function toConversion(keys: Keys, row: typeof conversions.$inferSelect): Conversion {
  const { message, campaign, variant, attributedBy: by } = row;
  return {
    id: row.id,
    storefront: row.storefront,
    orderId: row.orderId,
    to: row.toSealed && keys.unseal(row.toSealed, sealedIn(row.id)),
    value: { amount: row.valueAmount, currency: row.valueCurrency },
    occurredAt: row.occurredAt,
    createdAt: row.createdAt,
    attributed: message !== null && by !== null ? { message, campaign, variant, by } : null,
  };
}

/** Keeps the first of an order alone; answers whether this one was it. */
export async function insertConversion(
  { db, keys }: Deps,
  { to, value, attributed, ...row }: Conversion,
): Promise<boolean> {
  const made = await db
    .insert(conversions)
    .values({
      ...row,
      toSealed: keys.seal(to, sealedIn(row.id)),
      toIndex: keys.blindIndex(to),
      valueAmount: value.amount,
      valueCurrency: value.currency,
      message: attributed?.message ?? null,
      campaign: attributed?.campaign ?? null,
      variant: attributed?.variant ?? null,
      attributedBy: attributed?.by ?? null,
    })
    .onConflictDoNothing()
    .returning({ id: conversions.id });
  return made.length > 0;
}

export async function findConversion(
  { db, keys }: Deps,
  storefront: string,
  orderId: string,
): Promise<Conversion | null> {
  const [row] = await db
    .select()
    .from(conversions)
    .where(and(eq(conversions.storefront, storefront), eq(conversions.orderId, orderId)));
  return row ? toConversion(keys, row) : null;
}

export interface ConversionFilter {
  readonly storefront?: string | undefined;
  readonly campaign?: string | undefined;
  /** Blind indexes of one number. */
  readonly numbers?: readonly string[] | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

/** The newest first. */
export async function pageConversions(
  { db, keys }: Deps,
  { storefront, campaign, numbers, below }: ConversionFilter,
  limit: number,
): Promise<Conversion[]> {
  const rows = await db
    .select()
    .from(conversions)
    .where(
      and(
        storefront ? eq(conversions.storefront, storefront) : undefined,
        campaign ? eq(conversions.campaign, campaign) : undefined,
        numbers ? inArray(conversions.toIndex, [...numbers]) : undefined,
        below ? lt(conversions.id, below) : undefined,
      ),
    )
    .orderBy(desc(conversions.id))
    .limit(limit);
  return rows.map((row) => toConversion(keys, row));
}

/** The figures stay; whose order it was is forgotten. */
export async function eraseConversionsOf(
  db: Database,
  numbers: readonly string[],
  storefront: string | null,
): Promise<number> {
  const done = await db
    .update(conversions)
    .set({ toSealed: "", toIndex: "" })
    .where(
      and(
        inArray(conversions.toIndex, [...numbers]),
        storefront === null ? undefined : eq(conversions.storefront, storefront),
      ),
    );
  return done.meta.changes;
}

export async function readWindows(db: Database, storefront: string): Promise<AttributionWindows> {
  const { clickDays, deliveryDays } = conversionSettings;
  const [own] = await db
    .select({ clickDays, deliveryDays })
    .from(conversionSettings)
    .where(eq(conversionSettings.storefront, storefront));
  return own ?? defaultWindows;
}

/** Answers the windows as they are now; what is left out stays. */
export async function changeWindows(
  db: Database,
  storefront: string,
  change: { readonly [K in keyof AttributionWindows]?: number | undefined },
): Promise<AttributionWindows> {
  const [changed] = await db
    .insert(conversionSettings)
    .values({
      storefront,
      clickDays: change.clickDays ?? defaultWindows.clickDays,
      deliveryDays: change.deliveryDays ?? defaultWindows.deliveryDays,
    })
    // Drizzle takes no empty change, and a storefront set to itself is none.
    .onConflictDoUpdate({ target: conversionSettings.storefront, set: { ...change, storefront } })
    .returning();
  if (!changed) throw new Error("a setting was not kept");
  return { clickDays: changed.clickDays, deliveryDays: changed.deliveryDays };
}
