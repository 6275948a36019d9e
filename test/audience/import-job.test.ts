import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { importRows } from "../../src/audience/import-rows.ts";
import { consentsOf } from "../../src/compliance/permissions/store.ts";
import { depsOf } from "../../src/deps.ts";
import { findJob, pageErrors, saveErrors } from "../../src/jobs/store.ts";
import { ulid } from "../../src/lib/id.ts";

const { db, clock, keys, randomBytes, contacts } = depsOf(env);
const TODAY = "2026-05-20";
const storefront = "sto_of_imports";
const numberOf = (n: number) => `+86136${String(n).padStart(8, "0")}`;
const uploads = async (job: string) =>
  (await env.IMPORTS.list({ prefix: `uploads/${job}/` })).objects.length;

async function begun(file: string) {
  const job = `job_${ulid(clock.now(), randomBytes(10))}`;
  const body = new Blob([file]).stream();
  const kept = await contacts.ways.upload(job, body);
  if (!kept.ok) throw new Error(kept.error);
  const { parts, bytes } = kept.value;
  return { job, parts, bytes };
}

async function run(file: string) {
  const { job, parts, bytes } = await begun(file);
  const order = { storefront, defaultCountry: "CN", today: TODAY, parts, bytes, skip: 0 };
  await contacts.ways.beginImport(job, { ...order, format: "csv", encoding: "utf-8" });
  for (let tries = 0; tries < 300; tries++) {
    const found = await findJob(db, job);
    if (found?.endedAt) return found;
    await scheduler.wait(50);
  }
  throw new Error("the import does not end");
}

describe("an import", () => {
  it("loses no row at the seams of its parts and steps", async () => {
    const filler = "字".repeat(250);
    const rows = Array.from({ length: 3_000 }, (_, n) => `${numberOf(n)},"${filler}\n${n}"`);
    const job = await run(`to,note\n${rows.join("\n")}`);
    expect(job).toMatchObject({ status: "done", rows: 3_000, people: 3_000, errorCount: 0 });
    const kept = await contacts.ways.page({ storefront, to: numberOf(2_999) }, 1);
    expect(kept).toMatchObject([{ attributes: { note: `${filler}\n2999` } }]);
    expect(await uploads(job.id)).toBe(0);
  });

  it("takes a line that fills parts as one bad row, and goes on behind it", async () => {
    const long = `${numberOf(4_000)},${"x".repeat(2_500_000)}`;
    const job = await run(`to,note\n${numberOf(4_001)},a\n${long}\n${numberOf(4_002)},b\n${long}`);
    expect(job).toMatchObject({ status: "done", rows: 4, people: 2, errorCount: 2 });
    expect(job.errors?.map(({ row }) => row)).toEqual([2, 4]);
  });

  it("tells a thousand errors with itself, and all of them page by page", async () => {
    const job = await run(`to,!\n${"1\n".repeat(2_200)}`);
    expect(job).toMatchObject({ rows: 2_200, people: 0, duplicates: 0, errorCount: 2_200 });
    expect(job.errors).toHaveLength(1_000);
    const rows: number[] = [];
    for (let after = 0; ; ) {
      const page = await pageErrors(db, job.id, after, 999);
      rows.push(...page.map(({ row }) => row));
      const last = page.at(-1);
      if (!last) break;
      after = last.n;
    }
    expect(rows).toEqual(Array.from({ length: 2_201 }, (_, row) => row));
  });

  it("whose step is done again reports its errors once", async () => {
    const job = `job_${ulid(clock.now(), randomBytes(10))}`;
    const told = { errors: [{ row: 7, message: "no" }], before: 3, at: 1 };
    await saveErrors(db, job, told);
    await saveErrors(db, job, told);
    expect(await pageErrors(db, job, 0, 9)).toEqual([{ n: 4, row: 7, message: "no" }]);
  });

  it("whose step is done again records each row's consent once", async () => {
    const [one, two] = [numberOf(90_000_001), numberOf(90_000_002)];
    const lines = [
      { to: one, consent: true, consent_source: "fair" },
      { to: one, consent: true, consent_source: "shop" },
      { to: two, consent: "no" },
    ];
    const records = lines.map((line) => ({
      bytes: new TextEncoder().encode(JSON.stringify(line)),
      fault: null,
    }));
    const facts = {
      job: `job_${ulid(clock.now(), randomBytes(10))}`,
      storefront,
      defaultCountry: "CN",
      today: TODAY,
      kind: { format: "ndjson", encoding: "utf-8", delimiter: null },
      columns: [],
      at: clock.now(),
    } as const;
    for (const _ of ["first", "again"]) await importRows(contacts.importJob, facts, records, 0);
    const given = await consentsOf(db, storefront, keys.blindIndexes(one), 10);
    expect(given.map(({ source }) => source).sort()).toEqual(["fair", "shop"]);
    expect(await consentsOf(db, storefront, keys.blindIndexes(two), 10)).toEqual([]);
  });

  it("refuses who is born tomorrow, and no other", async () => {
    const born = ["2026-05-20", "2026-05-21", "12-31"];
    const rows = born.map((birthday, n) => `${numberOf(5_000 + n)},${birthday}`);
    const job = await run(`to,birthday\n${rows.join("\n")}`);
    expect(job).toMatchObject({ people: 2, errorCount: 1 });
    expect(job.errors).toEqual([{ row: 2, message: expect.stringMatching(/^birthday: /) }]);
  });

  it("keeps no list of people behind", async () => {
    const { id } = await run(`to\n${numberOf(1)}\n`);
    const stub = env.IMPORT_JOB.getByName(id);
    expect(await runDurableObjectAlarm(stub as never)).toBe(false);
  });

  it("whose upload nobody came back for is dropped", async () => {
    const { job } = await begun("to\n1\n");
    expect(await uploads(job)).toBe(1);
    await runDurableObjectAlarm(env.IMPORT_JOB.getByName(job) as never);
    expect(await uploads(job)).toBe(0);
  });
});
