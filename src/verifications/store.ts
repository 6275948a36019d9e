import { eq, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { raiseVersionIfChanged } from "../db/snapshot.ts";
import type { VerificationSettings } from "./settings.ts";
import { verificationSettings } from "./table.ts";

/** The settings of every storefront that changed any. */
export async function listVerificationSettings(
  db: Database,
): Promise<ReadonlyMap<string, VerificationSettings>> {
  const rows = await db.select().from(verificationSettings);
  return new Map(rows.map((row) => [row.storefront, row.settings]));
}

export async function readVerificationSettings(
  db: Database,
  storefront: string,
): Promise<VerificationSettings | undefined> {
  const [row] = await db
    .select()
    .from(verificationSettings)
    .where(eq(verificationSettings.storefront, storefront));
  return row?.settings;
}

/** Writes them if they still are what they were `before`; false when somebody was faster. */
export async function replaceVerificationSettings(
  db: Database,
  storefront: string,
  before: VerificationSettings | undefined,
  settings: VerificationSettings,
): Promise<boolean> {
  const [written] = await db.batch([
    db
      .insert(verificationSettings)
      .values({ storefront, settings })
      .onConflictDoUpdate({
        target: verificationSettings.storefront,
        set: { settings },
        setWhere: before ? eq(verificationSettings.settings, before) : sql`false`,
      })
      .returning({ storefront: verificationSettings.storefront }),
    raiseVersionIfChanged(db),
  ]);
  return written.length > 0;
}

/** The first settings of a storefront. */
export const insertVerificationSettings = (
  db: Database,
  storefront: string,
  settings: VerificationSettings,
) => db.insert(verificationSettings).values({ storefront, settings });
