import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { contacts } from "../contacts/table.ts";
import type { Engagement, Filter } from "./filter.ts";
import type { LifecycleSettings } from "./life.ts";
import type { RfmCuts } from "./scores/rfm.ts";

export const segments = sqliteTable(
  "segments",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    name: text().notNull(),
    filter: text({ mode: "json" }).$type<Filter>().notNull(),
    createdAt: integer().notNull(),
    updatedAt: integer().notNull(),
  },
  (table) => [index("segments_by_storefront").on(table.storefront, table.id)],
);

/** Both tables below name the contact and no number: a new data key changes nothing in them. */
const contact = () =>
  text()
    .notNull()
    .references(() => contacts.id, { onDelete: "cascade" });

/** How often a contact did something on a day; days are counted from 1970, in UTC. */
export const eventCounts = sqliteTable(
  "event_counts",
  {
    contact: contact(),
    name: text().notNull(),
    day: integer().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.contact, table.name, table.day] })],
);

/** On which days a text reached a contact, or he answered or clicked. */
export const engagements = sqliteTable(
  "engagements",
  {
    contact: contact(),
    kind: text().$type<Engagement>().notNull(),
    day: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.contact, table.kind, table.day] })],
);

export const lifecycleSettings = sqliteTable("lifecycle_settings", {
  storefront: text().primaryKey(),
  settings: text({ mode: "json" }).$type<LifecycleSettings>().notNull(),
});

/** Where a storefront's customers fall into fifths, as of a day. */
export const rfmCuts = sqliteTable("rfm_cuts", {
  storefront: text().primaryKey(),
  day: integer().notNull(),
  cuts: text({ mode: "json" }).$type<RfmCuts>().notNull(),
});

/** One row: how far the day's walk over all contacts is. */
export const lifecycleWalks = sqliteTable("lifecycle_walks", {
  id: integer().primaryKey(),
  day: integer().notNull(),
  cursor: text(),
});
