import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { OutcomeReason, OutcomeStatus } from "./event.ts";
import type { RuleDefinition } from "./rule.ts";

export const rules = sqliteTable(
  "rules",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    /** The newest version, which is the one that holds. */
    version: integer().notNull(),
    preset: text(),
    createdAt: integer().notNull(),
    updatedAt: integer().notNull(),
  },
  (table) => [
    uniqueIndex("rules_by_preset")
      .on(table.storefront, table.preset)
      .where(sql`preset IS NOT NULL`),
  ],
);

/** Never changed once written; they outlive their rule, so that a text can be explained. */
export const ruleVersions = sqliteTable(
  "rule_versions",
  {
    rule: text().notNull(),
    version: integer().notNull(),
    definition: text({ mode: "json" }).$type<RuleDefinition>().notNull(),
    actor: text().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.rule, table.version] })],
);

/** What happened. The body is sealed: it holds numbers and names. */
export const events = sqliteTable(
  "events",
  {
    /** Ours, ordered by time. */
    key: text().primaryKey(),
    storefront: text().notNull(),
    sandbox: integer({ mode: "boolean" }).notNull(),
    /** The teller's. */
    id: text().notNull(),
    name: text().notNull(),
    bodySealed: text().notNull(),
    /** Of the number that the event names. */
    toIndex: text(),
    matched: text({ mode: "json" }).$type<string[]>().notNull(),
    occurredAt: integer().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [
    uniqueIndex("events_by_id").on(table.storefront, table.sandbox, table.id),
    index("events_by_storefront").on(table.storefront, table.sandbox, table.key),
    index("events_by_name").on(table.storefront, table.name, table.key),
    index("events_by_number").on(table.toIndex, table.key),
  ],
);

/** What each rule made of an event: while it is not over, the clock's work. */
export const eventOutcomes = sqliteTable(
  "event_outcomes",
  {
    event: text().notNull(),
    rule: text().notNull(),
    status: text().$type<OutcomeStatus>().notNull(),
    reason: text().$type<OutcomeReason>(),
    detail: text(),
    message: text(),
    /** Of the number that the text is for. */
    recipient: text(),
    dueAt: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.event, table.rule] }),
    index("outcomes_by_due").on(table.dueAt).where(sql`status IN ('waiting', 'sending')`),
    index("outcomes_by_recipient").on(table.recipient, table.rule).where(sql`status = 'waiting'`),
  ],
);

/** Up to when the clock has looked at a rule's people. */
export const ruleClocks = sqliteTable("rule_clocks", {
  rule: text().primaryKey(),
  doneUntil: integer().notNull(),
});

/** Where shops call us. */
export const hooks = sqliteTable(
  "hooks",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    shop: text().notNull(),
    /** A keyed hash: the token itself is shown once. */
    tokenName: text().notNull(),
    secretSealed: text().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [uniqueIndex("hooks_by_token").on(table.tokenName)],
);
