import { globSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan, type Reply, ROOT_KEY } from "./hongyan.ts";

const product = new Hongyan();
beforeAll(() => product.start());
afterAll(() => product.dispose());

const importFile = async (
  body: string | Uint8Array<ArrayBuffer>,
  type = "text/csv",
  more: Record<string, string> = {},
): Promise<Reply> => {
  const headers = { Authorization: `Bearer ${ROOT_KEY}`, "Content-Type": type, ...more };
  const response = await fetch(`${product.api}/v1/contacts/import`, {
    method: "POST",
    headers,
    body,
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
};
const jobOf = async (id: string) => (await product.request("GET", `/v1/jobs/${id}`)).body;
const ended = (id: string, seconds = 20) =>
  product.eventually(
    () => jobOf(id),
    ({ status }) => status === "done" || status === "failed",
    seconds,
  );
const imported = async (...file: Parameters<typeof importFile>) => {
  const { status, body } = await importFile(...file);
  expect(status).toBe(202);
  return ended(body.job);
};
const search = async (to: string) => {
  const { body } = await product.post("/v1/contacts/search", { to });
  return body.data;
};
/** Names of what lies in the bucket of imports. */
const uploads = () => globSync("data/**/hongyan-imports/blobs/*", { cwd: product.stateDirectory });

/** Thirteen ways to write a number. */
const spellings = (e164: string): string[] => {
  const own = e164.slice(3);
  const spaced = `${own.slice(0, 3)} ${own.slice(3, 7)} ${own.slice(7)}`;
  const wide = [...own].map((digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)).join("");
  return [
    e164,
    own,
    `86${own}`.replace(/^86/, "0086"),
    `+86 ${spaced}`,
    spaced,
    spaced.replaceAll(" ", "-"),
    `(+86) ${spaced}`,
    `+86-${own}`,
    `+86.${own}`,
    wide,
    `＋８６${wide}`,
    ` ${own} `,
    `0086 ${spaced}`,
  ];
};

const agreed = { scope: "marketing", source: "web", text_version: "1" };

describe("a contact", () => {
  it("is one for all spellings of a number, and keeps what was said", async () => {
    const to = freshNumber();
    const [first = "", second = ""] = spellings(to);
    const made = await product.post("/v1/contacts", {
      to: first,
      attributes: { name: "李雷", level: 3, tags: ["vip"], since: "2026-05-01" },
      city: "纽约",
      birthday: "02-29",
    });
    expect(made.status).toBe(201);
    const again = await product.post("/v1/contacts", { to: second, attributes: { level: null } });
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({
      id: made.body.id,
      to: `${to.slice(0, 6)}****${to.slice(-4)}`,
      attributes: { name: "李雷", tags: ["vip"], since: "2026-05-01" },
      timezone: "America/New_York",
      zone: { source: "city", confidence: "high" },
      birthday: "02-29",
    });
    expect(await search(` ${to}`)).toEqual([again.body]);
    expect((await product.request("GET", `/v1/contacts/${made.body.id}`)).body).toEqual(again.body);
  });

  it.each([
    [{ attributes: { Name: "x" } }, "attributes"],
    [{ attributes: { note: "打 13800138000" } }, "attributes.note"],
    [{ attributes: { deep: { a: 1 } } }, "attributes.deep"],
    [{ timezone: "Asia/Nowhere" }, "timezone"],
    [{ birthday: "02-30" }, "birthday"],
    [{ birthday: "2126-01-01" }, "birthday"],
    [{ consent: { scope: "everything" } }, "consent"],
    [{ consent: { ...agreed, at: "2126-01-01T00:00:00Z" } }, "consent.at"],
  ])("with %j is refused", async (more, path) => {
    const { status, body } = await product.post("/v1/contacts", { to: freshNumber(), ...more });
    expect(status).toBe(422);
    expect(body.errors[0].path).toContain(path);
    expect(JSON.stringify(body)).not.toContain("13800138000");
  });

  it("is forgotten when it is deleted", async () => {
    const to = freshNumber();
    const { body } = await product.post("/v1/contacts", { to });
    const path = `/v1/contacts/${body.id}`;
    expect((await product.request("DELETE", path)).status).toBe(200);
    expect((await product.request("GET", path)).status).toBe(404);
    expect((await product.request("DELETE", path)).status).toBe(404);
    expect(await search(to)).toEqual([]);
  });
});

describe("an import", () => {
  it("counts people by their numbers, in thirteen spellings each", async () => {
    const people = [freshNumber(), freshNumber(), freshNumber()];
    const rows = people.flatMap(spellings).map((to, n) => `"${to}",${n}`);
    const job = await imported(`to,seen\n${rows.join("\n")}\n`);
    expect(job).toMatchObject({ status: "done", rows: 39, people: 3, duplicates: 36, errors: [] });
    const [last] = await search(people[2] ?? "");
    expect(last.attributes).toEqual({ seen: 38 });
  });

  it("tells of each bad row what is wrong, and takes the others", async () => {
    const [good = "", other = ""] = [freshNumber(), freshNumber()];
    const file = [
      "手机号,姓名,birthday,note",
      `${good},"王, ""小明""\n二行",1990-05-20,`,
      "12345,x,,",
      `${other},韩梅梅,31-12,`,
      `${other},韩梅梅`,
      "",
      `${other},韩梅梅,,微信 13800138000`,
      `${other},"韩梅梅,,`,
    ].join("\r\n");
    const job = await imported(`\uFEFF${file}`);
    expect(job).toMatchObject({
      status: "done",
      rows: 6,
      people: 1,
      duplicates: 0,
      error_count: 5,
    });
    expect(job.errors.map((one: Reply["body"]) => one.row)).toEqual([2, 3, 4, 5, 6]);
    const page = await product.request("GET", `/v1/jobs/${job.id}/errors?limit=3`);
    expect(page.body.data).toEqual(job.errors.slice(0, 3));
    const rest = `/v1/jobs/${job.id}/errors?limit=3&cursor=${page.body.next_cursor}`;
    const last = (await product.request("GET", rest)).body;
    expect(last).toEqual({ data: job.errors.slice(3), next_cursor: null });
    expect(JSON.stringify(job)).not.toMatch(/12345|13800138000/);
    expect((await search(good))[0]).toMatchObject({
      attributes: { name: '王, "小明"\n二行' },
      birthday: "1990-05-20",
    });
    expect(await search(other)).toEqual([]);
  });

  it("reads GBK without being told", async () => {
    const to = freshNumber();
    // 姓名 and 李雷 in GBK.
    const [name, person] = [
      [0xd0, 0xd5, 0xc3, 0xfb],
      [0xc0, 0xee, 0xc0, 0xd7],
    ] as const;
    const file = Buffer.concat([
      Buffer.from("to,"),
      Buffer.from(name),
      Buffer.from(`\n${to},`),
      Buffer.from(person),
    ]);
    expect(await imported(new Uint8Array(file))).toMatchObject({ people: 1, errors: [] });
    expect((await search(to))[0].attributes).toEqual({ name: "李雷" });
  });

  it("reads lines of JSON, and knows who was a contact before", async () => {
    const [known, fresh] = [freshNumber(), freshNumber()];
    await product.post("/v1/contacts", { to: known, attributes: { level: 1 } });
    const lines = [
      { to: known, attributes: { level: 2 }, timezone: "Europe/Paris" },
      { to: fresh, points: 7 },
    ].map((line) => JSON.stringify(line));
    const job = await imported([...lines, "[]"].join("\n"), "application/x-ndjson");
    expect(job).toMatchObject({ people: 2, duplicates: 0, counts: { known: 1 } });
    expect(job.errors).toEqual([{ row: 3, message: expect.stringContaining("JSON") }]);
    expect((await search(known))[0]).toMatchObject({
      attributes: { level: 2 },
      zone: { source: "profile" },
    });
    expect((await search(fresh))[0].attributes).toEqual({ points: 7 });
  });

  it("that a key stands in is refused, and nothing of it is left", async () => {
    const settled = () =>
      product.eventually(
        async () => uploads(),
        (left) => left.length === 0,
        5,
      );
    await settled();
    const to = freshNumber();
    const rows = `${to},${"x".repeat(1000)}\n`.repeat(3_000);
    for (const kind of ["text/csv", "application/x-ndjson"]) {
      const refused = await importFile(`to,note\n${rows}${to},${ROOT_KEY}\n${rows}`, kind);
      expect([refused.status, refused.body.type]).toEqual([400, "/problems/credential-in-url"]);
    }
    expect(await settled()).toEqual([]);
    expect(await search(to)).toEqual([]);
  });

  it("of nothing, of another kind or without a number's column says so", async () => {
    expect((await importFile("")).status).toBe(422);
    expect((await importFile("to\n1", "application/pdf")).status).toBe(415);
    expect((await importFile("to\n1", "text/csv; charset=koi8-r")).status).toBe(415);
    expect(await imported("to,name\n")).toMatchObject({ status: "done", rows: 0, people: 0 });
    expect(await imported("name,city\nx,y\n")).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("`to`"),
    });
  });

  it("is one for one idempotency key", async () => {
    const file = `to\n${freshNumber()}\n`;
    const key = { "Idempotency-Key": "import-1" };
    const first = await importFile(file, "text/csv", key);
    const again = await importFile(file, "text/csv", key);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect((await importFile(`${file}1\n`, "text/csv", key)).status).toBe(422);
    await ended(first.body.job);
  });

  it("with a consent takes no opt-out back", async () => {
    const to = freshNumber();
    await product.post("/v1/suppressions", { to, scope: "marketing", reason: "called us" });
    const job = await imported(`to,consent_scope,consent_source\n${to},marketing,fair\n`);
    expect(job).toMatchObject({ people: 1, errors: [] });
    const { body } = await product.post("/v1/consents/search", { to });
    expect(body.data).toMatchObject([{ scope: "marketing", source: "fair" }]);
    expect(body.suppressions).toMatchObject([{ scope: "marketing" }]);
  });

  it("of thousands of rows goes on after a kill, ends right, and leaves no file behind", async () => {
    const first = 10_000_000 + (process.pid % 1000) * 10_000;
    const numbers = Array.from(
      { length: 4_000 },
      (_, n) => `137${String(first + n).padStart(8, "0")}`,
    );
    const rows = [...numbers, ...numbers].map((to, n) => `${to},会员${n},${n % 7}`);
    const { body } = await importFile(`to,name,level\n${rows.join("\n")}\n`);
    const under = await product.eventually(
      () => jobOf(body.job),
      ({ rows }) => rows > 0,
      10,
    );
    expect(under.rows).toBeLessThan(8_000);
    expect(uploads()).not.toEqual([]);
    await product.kill();
    await product.start();
    const job = await ended(body.job, 30);
    expect(job).toMatchObject({
      status: "done",
      rows: 8_000,
      people: 4_000,
      duplicates: 4_000,
      counts: { known: 0 },
      errors: [],
    });
    const [last] = await search(`+86${numbers.at(-1)}`);
    expect(last.attributes).toEqual({ name: "会员7999", level: 7_999 % 7 });
    expect(
      await product.eventually(
        async () => uploads(),
        (left) => left.length === 0,
        5,
      ),
    ).toEqual([]);
  });
});
