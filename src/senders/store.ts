import type { Database } from "../db/client.ts";
import type { Sender } from "./sender.ts";
import { senders } from "./table.ts";

export const listSenders = (db: Database): Promise<Sender[]> =>
  db.select({ id: senders.id, storefront: senders.storefront, name: senders.name }).from(senders);

export const insertSender = (db: Database, sender: Sender, now: number) =>
  db.insert(senders).values({ ...sender, createdAt: now });
