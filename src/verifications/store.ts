import type { Database } from "../db/client.ts";
import type { VerificationSettings } from "./settings.ts";
import { verificationSettings } from "./table.ts";

/** The settings of every storefront that changed any. */
export async function listVerificationSettings(
  db: Database,
): Promise<ReadonlyMap<string, VerificationSettings>> {
  const rows = await db.select().from(verificationSettings);
  return new Map(rows.map((row) => [row.storefront, row.settings]));
}

export const replaceVerificationSettings = (
  db: Database,
  storefront: string,
  settings: VerificationSettings,
) =>
  db
    .insert(verificationSettings)
    .values({ storefront, settings })
    .onConflictDoUpdate({ target: verificationSettings.storefront, set: { settings } });
