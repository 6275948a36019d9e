import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { applyMigrations, readMigrations } from "../../src/start/migrations.ts";

const DATABASES = ["A", "B", "C", "D"];
const unused = DATABASES.values();

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    name: "empty",
    compatibilityDate: "2026-10-20",
    modules: true,
    script: "export default {}",
    d1Databases: DATABASES,
  }),
);
let directory = "";
let database: Awaited<ReturnType<Miniflare["getD1Database"]>>;

beforeAll(async () => {
  await miniflare.ready;
});
afterAll(() => miniflare.dispose());
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "hongyan-migrations-"));
  database = await miniflare.getD1Database(unused.next().value ?? "", "empty");
  write("0000_create", ["CREATE TABLE shops (id TEXT)", "CREATE INDEX shops_id ON shops (id)"]);
  return () => rmSync(directory, { recursive: true });
});

const write = (name: string, statements: string[]) =>
  writeFileSync(join(directory, `${name}.sql`), statements.join(";\n--> statement-breakpoint\n"));
const migrate = () => applyMigrations(database, readMigrations(directory));

async function names(sql: string): Promise<string[]> {
  const { results } = await database.prepare(sql).all<{ name: string }>();
  return results.map((row) => row.name);
}

describe("migrations", () => {
  it("are applied in order, each once", async () => {
    write("0001_add", ["ALTER TABLE shops ADD COLUMN city TEXT"]);
    expect(await migrate()).toEqual(["0000_create.sql", "0001_add.sql"]);
    expect(await migrate()).toEqual([]);
    write("0002_more", ["INSERT INTO shops (id, city) VALUES ('1', '上海')"]);
    expect(await migrate()).toEqual(["0002_more.sql"]);
    expect(await names("SELECT city AS name FROM shops")).toEqual(["上海"]);
  });

  it("leave nothing of a file that fails half-way, and go on once it is right", async () => {
    write("0001_broken", ["CREATE TABLE half (id TEXT)", "INSERT INTO nowhere VALUES (1)"]);
    await expect(migrate()).rejects.toThrow(/nowhere/);
    expect(await names("SELECT name FROM d1_migrations")).toEqual(["0000_create.sql"]);
    expect(await names("SELECT name FROM sqlite_master WHERE name = 'half'")).toEqual([]);
    write("0001_broken", ["CREATE TABLE half (id TEXT)"]);
    expect(await migrate()).toEqual(["0001_broken.sql"]);
  });

  it("are recorded where Wrangler looks for them", async () => {
    await migrate();
    expect(await names("SELECT name FROM pragma_table_info('d1_migrations')")).toEqual([
      "id",
      "name",
      "applied_at",
    ]);
  });

  it("ignore what is no SQL file", async () => {
    writeFileSync(join(directory, "README.md"), "not SQL");
    expect(await migrate()).toEqual(["0000_create.sql"]);
  });
});
