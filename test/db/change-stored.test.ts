import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { PoliciesPatch } from "../../src/compliance/policies.ts";
import { defaultAbuseRules } from "../../src/compliance/rules.ts";
import { defaultContentPolicies } from "../../src/compliance/screening/policies.ts";
import {
  readContentPolicies,
  replaceContentPolicies,
} from "../../src/compliance/screening/store.ts";
import {
  readAbuseRules,
  readPolicies,
  replaceAbuseRules,
  replacePolicies,
} from "../../src/compliance/store.ts";
import { changeStored, type Stored } from "../../src/db/change-stored.ts";
import { type Database, openDatabase } from "../../src/db/client.ts";
import { configurationVersions } from "../../src/db/version-table.ts";
import { defaultSettings } from "../../src/verifications/settings.ts";
import {
  readVerificationSettings,
  replaceVerificationSettings,
} from "../../src/verifications/store.ts";

const db = openDatabase(env.DB);

const version = async () => (await db.select().from(configurationVersions))[0]?.version ?? 0;

type Store<T> = readonly [
  read: (db: Database, storefront: string) => Promise<T | undefined>,
  replace: (db: Database, storefront: string, before: T | undefined, next: T) => Promise<boolean>,
  first: T,
];

const STORES = {
  "abuse rules": [readAbuseRules, replaceAbuseRules, defaultAbuseRules],
  "content policies": [readContentPolicies, replaceContentPolicies, defaultContentPolicies],
  policies: [readPolicies, replacePolicies, {} as PoliciesPatch],
  "verification settings": [
    readVerificationSettings,
    replaceVerificationSettings,
    defaultSettings([]),
  ],
} as unknown as Record<string, Store<object>>;

describe("settings that are stored", () => {
  it.each(Object.keys(STORES))(
    "such as %s hold each of eight changes at once, and each makes the configuration a new one",
    async (name) => {
      const [read, replace, first] = STORES[name] ?? [];
      if (!read || !replace) throw new Error("no such store");
      const stored: Stored<object> = {
        read: () => read(db, name),
        replace: (before, next) => replace(db, name, before, next),
      };
      const before = await version();
      const fields = Array.from({ length: 8 }, (_, i) => `field_${i}`);
      await Promise.all(
        fields.map((field) =>
          changeStored(stored, (before) => ({ ...(before ?? first), [field]: true })),
        ),
      );
      expect(await version()).toBe(before + fields.length);
      expect(Object.keys((await read(db, name)) ?? {})).toEqual(expect.arrayContaining(fields));
    },
  );
});
