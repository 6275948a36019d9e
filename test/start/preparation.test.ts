import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { describePreparation, isPrepared, notePrepared } from "../../src/start/preparation.ts";

const data = mkdtempSync(join(tmpdir(), "hongyan-preparation-"));
afterAll(() => rmSync(data, { recursive: true }));

const MIGRATIONS = [["DB", [{ name: "0000.sql", statements: ["CREATE TABLE a (b)"] }]]];
const digest = describePreparation("code", MIGRATIONS, "http://127.0.0.1:8788");

describe("data", () => {
  it("is prepared once that is noted, and for what was noted alone", () => {
    expect(isPrepared(data, digest)).toBe(false);
    notePrepared(data, digest);
    expect(isPrepared(data, digest)).toBe(true);
    expect(isPrepared(join(data, "elsewhere"), digest)).toBe(false);
  });

  it("is prepared anew for other code, another migration, another seed", () => {
    const more = [["DB", [{ name: "0000.sql", statements: ["CREATE TABLE a (b, c)"] }]]];
    for (const other of [
      describePreparation("other code", MIGRATIONS, "http://127.0.0.1:8788"),
      describePreparation("code", more, "http://127.0.0.1:8788"),
      describePreparation("code", MIGRATIONS, undefined),
    ]) {
      expect(isPrepared(data, other)).toBe(false);
    }
  });
});
