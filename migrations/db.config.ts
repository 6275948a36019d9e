import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  casing: "snake_case",
  schema: [
    "./src/storefronts/table.ts",
    "./src/senders/table.ts",
    "./src/templates/table.ts",
    "./src/routing/table.ts",
    "./src/compliance/table.ts",
    "./src/receipts/table.ts",
    "./src/verifications/table.ts",
    "./src/access/table.ts",
    "./src/sandbox/table.ts",
    "./src/db/version-table.ts",
  ],
  out: "./migrations/db",
});
