import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { PermissionScope } from "../phone/permissions.ts";
import type { PoliciesPatch } from "./policies.ts";
import type { AbuseRules } from "./rules.ts";
import type { Severity, WordCategory } from "./screening/finding.ts";
import type { ContentPolicies } from "./screening/policies.ts";
import type { Verdict } from "./verdict.ts";

export const abuseRules = sqliteTable("abuse_rules", {
  storefront: text().primaryKey(),
  rules: text({ mode: "json" }).$type<AbuseRules>().notNull(),
});

/** What a storefront changed of the built-in policies. */
export const policies = sqliteTable("policies", {
  storefront: text().primaryKey(),
  own: text({ mode: "json" }).$type<PoliciesPatch>().notNull(),
});

/** Who opted out of what, for lists and proof; what holds is what the number's object says. */
export const suppressions = sqliteTable(
  "suppressions",
  {
    /** Time-ordered. */
    id: text().notNull(),
    storefront: text().notNull(),
    scope: text().$type<PermissionScope>().notNull(),
    /** Blind index as `version.mac`. */
    toIndex: text().notNull(),
    /** Sealed under `suppressions|to|<id>`. */
    toSealed: text().notNull(),
    reason: text().notNull(),
    /** `api`, `reply`, `complaint`, `provider` or `shop`. */
    source: text().notNull(),
    createdAt: integer().notNull(),
    /** Who last said the same again in another way than by a reply, and when anybody last did. */
    alsoSource: text(),
    lastAt: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.storefront, table.toIndex, table.scope] }),
    // A storefront's list, newest first.
    index("suppressions_by_storefront").on(table.storefront, table.id),
  ],
);

/** Of whom a vendor that keeps a list of its own is still to be told; what, `suppressions` says. */
export const optOutNotices = sqliteTable(
  "opt_out_notices",
  {
    /** Another one with every change that is to be told. */
    id: text().notNull(),
    account: text().notNull(),
    /** Blind index as `version.mac`. */
    toIndex: text().notNull(),
    /** Sealed under `opt_out_notices|to|<id>`. */
    toSealed: text().notNull(),
    /** Whether the person said it by a text. */
    via: text().$type<"reply" | "other">().notNull(),
    at: integer().notNull(),
    dueAt: integer().notNull(),
    tries: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.toIndex] }),
    index("opt_out_notices_by_due").on(table.dueAt),
  ],
);

/** Each consent that was given, with its proof; none is ever overwritten. */
export const consents = sqliteTable(
  "consents",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    scope: text().$type<PermissionScope>().notNull(),
    toIndex: text().notNull(),
    /** Sealed under `consents|to|<id>`. */
    toSealed: text().notNull(),
    source: text().notNull(),
    /** Of the words that the person agreed to. */
    textVersion: text().notNull(),
    /** Sealed under `consents|evidence|<id>`: an address, a form, the hash of a file. */
    evidenceSealed: text(),
    /** When it was given, and when we were told. */
    at: integer().notNull(),
    recordedAt: integer().notNull(),
  },
  (table) => [index("consents_by_number").on(table.toIndex, table.storefront, table.at)],
);

export const complaints = sqliteTable(
  "complaints",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    toIndex: text().notNull(),
    /** Sealed under `complaints|to|<id>`. */
    toSealed: text().notNull(),
    /** The message that it is about. */
    message: text(),
    /** Sealed under `complaints|text|<id>`. */
    textSealed: text(),
    /** `api` or `reply`. */
    source: text().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [
    index("complaints_by_storefront").on(table.storefront, table.id),
    // Whether a campaign's text was complained of.
    index("complaints_by_message").on(table.message).where(sql`message IS NOT NULL`),
  ],
);

export const contentRules = sqliteTable("content_rules", {
  storefront: text().primaryKey(),
  policies: text({ mode: "json" }).$type<ContentPolicies>().notNull(),
  /** Raised with every change of its words, so that they are read and compiled once. */
  wordsVersion: integer().notNull(),
});

/** A storefront's own words, beside those of the product. */
export const contentWords = sqliteTable(
  "content_words",
  {
    storefront: text().notNull(),
    /** The word as texts are compared. */
    key: text().notNull(),
    word: text().notNull(),
    category: text().$type<WordCategory>().notNull(),
    severity: text().$type<Severity | "off">().notNull(),
  },
  (table) => [primaryKey({ columns: [table.storefront, table.key] })],
);

/** Sends that an abuse rule or a cap refused: each, or how many in a minute where they were many. */
export const abuseRefusals = sqliteTable(
  "abuse_refusals",
  {
    /** Time-ordered. */
    id: text().primaryKey(),
    storefront: text().notNull(),
    rule: text().notNull(),
    demand: text().$type<Verdict["demand"]>().notNull(),
    /** How many it stands for: above one there is nobody's number, and no reason. */
    count: integer().notNull(),
    /** Sealed under `abuse_refusals|to|<id>`. */
    toSealed: text(),
    /** Blind index as `version.mac`. */
    toIndex: text(),
    country: text(),
    purpose: text(),
    /** Keyed hashes. */
    address: text(),
    device: text(),
    network: text(),
    en: text(),
    zh: text(),
    until: integer(),
    at: integer().notNull(),
  },
  (table) => [
    index("abuse_refusals_by_storefront").on(table.storefront, table.id),
    index("abuse_refusals_by_number").on(table.toIndex).where(sql`to_index IS NOT NULL`),
    // What is too old.
    index("abuse_refusals_by_time").on(table.at),
  ],
);
