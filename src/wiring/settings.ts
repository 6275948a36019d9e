import { changeStored } from "../db/change-stored.ts";
import type { Database } from "../db/client.ts";
import { defaultSettings, type VerificationSettings } from "../verifications/settings.ts";
import { readVerificationSettings, replaceVerificationSettings } from "../verifications/store.ts";
import type { Configuration } from "./configuration.ts";

interface Parts {
  readonly db: Database;
  readonly changed: () => void;
}

function standardIn({ storefronts }: Configuration, storefront: string): VerificationSettings {
  const own = storefronts.find((one) => one.id === storefront);
  return defaultSettings(own ? [own.defaultCountry] : []);
}

/** The settings of codes, as endpoints read and change them. */
export const wireSettings =
  ({ db, changed }: Parts) =>
  (configuration: Configuration) => ({
    settingsOf: (storefront: string) =>
      configuration.verificationSettings.get(storefront) ?? standardIn(configuration, storefront),
    async changeSettings(
      storefront: string,
      change: (settings: VerificationSettings) => VerificationSettings,
    ) {
      const settings = await changeStored(
        {
          read: () => readVerificationSettings(db, storefront),
          replace: (before, next) => replaceVerificationSettings(db, storefront, before, next),
        },
        (stored) => change(stored ?? standardIn(configuration, storefront)),
      );
      changed();
      return settings;
    },
  });
