import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ensureBundle, hashSources } from "../../src/start/bundles.ts";

const CANARY = "canary-of-a-root-key-0123456789abcdef";
const root = mkdtempSync(join(tmpdir(), "hongyan-bundles-"));
const write = (path: string, text: string) => writeFileSync(join(root, path), text);

beforeAll(() => {
  for (const folder of ["src/lib", "src/simulator"])
    mkdirSync(join(root, folder), { recursive: true });
  cpSync(join(import.meta.dirname, "../../package-lock.json"), join(root, "package-lock.json"));
  write("wrangler.toml", config("app", "src/worker.ts"));
  write("src/worker.ts", worker("one"));
  write("src/simulator/wrangler.toml", config("simulator", "worker.ts"));
  write("src/simulator/worker.ts", worker("simulator"));
  vi.stubEnv("ROOT_KEY", CANARY);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

const config = (name: string, main: string) => `
name = "${name}"
main = "${main}"
compatibility_date = "2026-10-20"
vars = { GREETING = "hello" }
secrets = { required = ["ROOT_KEY"] }
`;
const worker = (answer: string) => `export default { fetch: () => new Response("${answer}") };`;

describe("a bundle", () => {
  it("is built from its sources, and again only when they change", async () => {
    const first = await ensureBundle(root, "app");
    expect(first).toMatchObject({ name: "app", vars: { GREETING: "hello" } });
    expect(first.script).toContain("one");

    const marked = { ...first, script: "// of the first build" };
    write(".wrangler/build/app.json", JSON.stringify(marked));
    expect((await ensureBundle(root, "app")).script).toBe(marked.script);

    write("src/worker.ts", worker("two"));
    expect((await ensureBundle(root, "app")).script).toContain("two");
  });

  it("holds no secret of the environment it was built in", () => {
    expect(readFileSync(join(root, ".wrangler/build/app.json"), "utf8")).not.toContain(CANARY);
  });

  it("that does not build says why", async () => {
    write("src/simulator/worker.ts", "export default {");
    await expect(ensureBundle(root, "simulator")).rejects.toThrow(/found end of file/);
  });
});

describe("the hash of the sources", () => {
  it("sees a new file, a renamed one, a setting and a dependency", () => {
    const hashes = [hashSources(root, "app")];
    const edits: [string, string][] = [
      ["src/lib/a.ts", "export const a = 1;"],
      ["src/lib/b.ts", "export const a = 1;"],
      ["wrangler.toml", `${config("app", "src/worker.ts")}# edited`],
      ["package-lock.json", "{}"],
    ];
    for (const [path, text] of edits) {
      write(path, text);
      hashes.push(hashSources(root, "app"));
    }
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("of the app does not move with the simulator, nor with the generated types", () => {
    const before = hashSources(root, "app");
    write("src/simulator/worker.ts", worker("another"));
    write("src/worker-configuration.d.ts", "interface Env {}");
    expect(hashSources(root, "app")).toBe(before);
  });
});
