import { integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { SenderStatus } from "./sender.ts";

/** Who a handset shows: the name in 【】, without the brackets. */
export const senders = sqliteTable(
  "senders",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    name: text().notNull(),
    createdAt: integer().notNull().default(0),
  },
  (table) => [uniqueIndex("senders_by_name").on(table.storefront, table.name)],
);

/** What became of a sender's name at each account that files it. */
export const senderFilings = sqliteTable(
  "sender_filings",
  {
    sender: text().notNull(),
    account: text().notNull(),
    status: text().$type<SenderStatus>().notNull(),
    /** The carriers' real-name register, where the vendor shows it. */
    carrierState: text(),
    detail: text(),
    /** The vendor's id of the filing, once it is known. */
    providerSenderId: text(),
  },
  (table) => [primaryKey({ columns: [table.sender, table.account] })],
);
