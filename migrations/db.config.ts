import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  casing: "snake_case",
  // Every room's tables but those of the log.
  schema: ["./src/!(messages)/table.ts", "./src/db/version-table.ts"],
  out: "./migrations/db",
});
