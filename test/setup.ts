import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll } from "vitest";

/** Handed in by the tests' configuration, beside the Worker's own bindings. */
const { DB_MIGRATIONS, LOG_MIGRATIONS } = env as unknown as Record<string, D1Migration[]>;

beforeAll(async () => {
  await applyD1Migrations(env.DB, DB_MIGRATIONS ?? []);
  await applyD1Migrations(env.LOG_0, LOG_MIGRATIONS ?? []);
  await applyD1Migrations(env.LOG_1, LOG_MIGRATIONS ?? []);
});
