import { drizzle } from "drizzle-orm/d1";

/** A database behind drizzle, with columns in snake_case. */
export const openDatabase = (binding: D1Database) => drizzle(binding, { casing: "snake_case" });

export type Database = ReturnType<typeof openDatabase>;
