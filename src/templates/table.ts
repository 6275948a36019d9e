import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { Category } from "../messages/message.ts";
import type { Region } from "../providers/provider.ts";
import type { RichContent } from "./rich-content.ts";
import type { Channel, TemplateStatus, Variable } from "./template.ts";

/** A template as it is worked on; what is sent is the version that `liveVersion` names. */
export const templates = sqliteTable(
  "templates",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    name: text().notNull(),
    category: text().$type<Category>().notNull(),
    channel: text().$type<Channel>().notNull(),
    locale: text().notNull(),
    /** The newest version; its status is `status`. */
    version: integer().notNull().default(1),
    status: text().$type<TemplateStatus>().notNull(),
    /** The version that is sent with, or null while none was ever approved. */
    liveVersion: integer(),
    /** Who submitted the newest version and waits for our approval; null: it was given with it. */
    submittedBy: text(),
    createdAt: integer().notNull().default(0),
    updatedAt: integer().notNull().default(0),
  },
  (table) => [uniqueIndex("templates_by_name").on(table.storefront, table.name, table.locale)],
);

/** Never changed once written, so that a message's text can always be explained. */
export const templateVersions = sqliteTable(
  "template_versions",
  {
    template: text().notNull(),
    version: integer().notNull(),
    /** A `snd_` id. */
    sender: text().notNull(),
    body: text().notNull(),
    /** What is more than a text; null where the body is all. */
    content: text({ mode: "json" }).$type<RichContent>(),
    variables: text({ mode: "json" }).$type<Variable[]>().notNull(),
    actor: text().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.template, table.version] })],
);

export const templateBindings = sqliteTable(
  "template_bindings",
  {
    template: text().notNull(),
    version: integer().notNull(),
    account: text().notNull(),
    region: text().$type<Region>().notNull(),
    providerTemplateId: text().notNull(),
    status: text().$type<TemplateStatus>().notNull(),
    /** The reviewer's words, or the vendor's when it refused the filing. */
    detail: text(),
    parameters: text({ mode: "json" }).$type<string[]>().notNull(),
    /** An offer is filed once for each of the frames that it leaves in. */
    frame: text().notNull().default(""),
  },
  (table) => [
    primaryKey({
      columns: [table.template, table.version, table.account, table.region, table.frame],
    }),
    index("bindings_by_account").on(table.account),
  ],
);
