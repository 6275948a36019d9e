import { eq } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { replaceStored } from "../db/replace-stored.ts";
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
export const replaceVerificationSettings = (
  db: Database,
  storefront: string,
  before: VerificationSettings | undefined,
  settings: VerificationSettings,
): Promise<boolean> =>
  replaceStored(db, verificationSettings, {
    seen: before && eq(verificationSettings.settings, before),
    first: { storefront, settings },
    change: { settings },
  });

/** The first settings of a storefront. */
export const insertVerificationSettings = (
  db: Database,
  storefront: string,
  settings: VerificationSettings,
) => db.insert(verificationSettings).values({ storefront, settings });
