import type { Database } from "../db/client.ts";
import type { Sender } from "./sender.ts";
import { senders } from "./table.ts";

export const listSenders = (db: Database): Promise<Sender[]> => db.select().from(senders);

export const insertSender = (db: Database, sender: Sender) => db.insert(senders).values(sender);
