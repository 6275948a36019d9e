import type { Database } from "../db/client.ts";
import { raiseVersion } from "../db/snapshot.ts";
import { defaultSettings, type VerificationSettings } from "../verifications/settings.ts";
import { replaceVerificationSettings } from "../verifications/store.ts";
import type { Configuration } from "./configuration.ts";

interface Parts {
  readonly db: Database;
  /** What is stored at this moment, not what is held in memory. */
  readonly reload: () => Promise<Configuration>;
  readonly changed: () => void;
}

function settingsIn(configuration: Configuration, storefront: string): VerificationSettings {
  const own = configuration.storefronts.find((one) => one.id === storefront);
  return (
    configuration.verificationSettings.get(storefront) ??
    defaultSettings(own ? [own.defaultCountry] : [])
  );
}

/** The settings of codes, as endpoints read and change them. */
export const wireSettings =
  ({ db, reload, changed }: Parts) =>
  (configuration: Configuration) => ({
    settingsOf: (storefront: string) => settingsIn(configuration, storefront),
    async changeSettings(
      storefront: string,
      change: (settings: VerificationSettings) => VerificationSettings,
    ) {
      const settings = change(settingsIn(await reload(), storefront));
      await db.batch([replaceVerificationSettings(db, storefront, settings), raiseVersion(db)]);
      changed();
      return settings;
    },
  });
