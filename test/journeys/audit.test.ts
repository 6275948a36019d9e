import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();
beforeAll(() => product.start());
afterAll(() => product.dispose());

const as = (secret: string) => ({ Authorization: `Bearer ${secret}` });
const audit = (query = "", secret?: string): Promise<Reply> =>
  product.request("GET", `/v1/audit${query}`, undefined, secret ? as(secret) : {});
const verdict = async () => (await product.request("GET", "/v1/audit/verify")).body;

async function aKey(more: object): Promise<{ id: string; secret: string }> {
  const { body } = await product.post("/v1/api-keys", { name: "审计", mode: "live", ...more });
  return body;
}

/** What lies in the bucket, as its files are on the disk. */
/** The oldest first. */
function checkpoints(): Reply["body"][] {
  const files = globSync("data/**/hongyan-audit/blobs/*", { cwd: product.stateDirectory });
  const texts = files.map((file) => readFileSync(join(product.stateDirectory, file), "utf8"));
  const whole = texts.filter((text) => text.endsWith("}")).map((text) => JSON.parse(text));
  return whole.sort((one, other) => one.at - other.at);
}

async function aTemplate(name: string, secret?: string): Promise<string> {
  const draft = { name, category: "notification", body: "内部文案-{{order}}" };
  const made = await product.post("/v1/templates", draft, secret ? as(secret) : {});
  return made.body.id;
}

describe("the audit log", () => {
  it("names who changed a template, a key and the routes, and holds none of their contents", async () => {
    const editor = await aKey({ name: "运营小王", scopes: ["templates:write"] });
    const template = await aTemplate("audited", editor.secret);
    const edit = { body: "改过的文案-{{order}}" };
    await product.request("PATCH", `/v1/templates/${template}`, edit, as(editor.secret));
    const routes = await product.request("GET", "/v1/routes");
    await product.request("PUT", "/v1/routes", routes.body);
    const account = await product.post("/v1/provider-accounts", {
      provider: "smsbao",
      name: "备用",
      credentials: { username: "canary-user", api_key: "canary-secret-of-a-provider" },
    });
    expect(account.status).toBe(201);

    const { status, body } = await audit("?limit=5");
    expect(status).toBe(200);
    expect(body.data.map((one: Reply["body"]) => [one.actor, one.action, one.resource.id])).toEqual(
      [
        ["root", "provider_accounts.create", account.body.id],
        ["root", "routes.update", null],
        [editor.id, "templates.update", template],
        [editor.id, "templates.create", template],
        ["root", "api_keys.create", editor.id],
      ],
    );
    expect(body.data[2]).toMatchObject({
      actor_name: "运营小王",
      ip: "127.0.0.1",
      outcome: "done",
      request_id: expect.stringMatching(/^req_/),
      summary: { fields: ["body"] },
    });
    const text = JSON.stringify((await audit("?limit=200")).body);
    for (const secret of [editor.secret, "hy_live_", "canary", "文案"]) {
      expect(text).not.toContain(secret);
    }
    expect(await verdict()).toMatchObject({ valid: true, findings: [] });
  });

  it("begins with what the system did by itself", async () => {
    const { data } = (await audit("?actor=system")).body;
    expect(data).toEqual([expect.objectContaining({ seq: 1, action: "storefronts.seed" })]);
  });

  it("is searched by actor, action, resource and time, page by page", async () => {
    const { id, secret } = await aKey({ scopes: ["templates:write"] });
    const between = new Date().toISOString();
    const ids = [];
    for (const n of [1, 2, 3]) ids.push(await aTemplate(`searched ${n}`, secret));
    const found = async (query: string): Promise<string[]> =>
      (await audit(query)).body.data.map((one: Reply["body"]) => one.resource.id);
    expect(await found(`?actor=${id}`)).toEqual(ids.toReversed());
    expect(await found(`?resource=${ids[0]}`)).toEqual([ids[0]]);
    expect(await found(`?resource=templates&actor=${id}&action=templates.create`)).toHaveLength(3);
    expect(await found(`?actor=${id}&before=${between}`)).toEqual([]);
    expect(await found(`?resource=${id}&after=${between}`)).toEqual([]);
    const first = await audit(`?actor=${id}&limit=2`);
    const second = await audit(`?actor=${id}&limit=2&cursor=${first.body.next_cursor}`);
    expect(second.body.data.map((one: Reply["body"]) => one.resource.id)).toEqual([ids[0]]);
    expect(second.body.next_cursor).toBeNull();
    expect((await audit("?cursor=x")).status).toBe(422);
  });

  it("tells who saw numbers in full, and not the numbers", async () => {
    const to = freshNumber();
    await product.send(to);
    const scopes = ["messages:read", "pii:read"];
    const { id, secret } = await aKey({ name: "客服", scopes });
    const search = () => product.post("/v1/messages/search", { to }, as(secret));
    const seen = await product.eventually(search, ({ body }) => body.data.length > 0, 5);
    expect(seen.body.data[0].to).toBe(to);
    const { body } = await audit(`?actor=${id}`);
    expect(body.data).toEqual([
      expect.objectContaining({
        action: "messages.reveal",
        actor_name: "客服",
        summary: { shown: 1 },
      }),
    ]);
    expect(JSON.stringify((await audit("?limit=200")).body)).not.toContain(to.slice(-8));
    await product.post("/v1/messages/search", { to });
    expect((await audit("?action=messages.reveal&actor=root")).body.data).toEqual([]);
  });

  it("shows a bound key the entries of its storefront, and lets it verify nothing", async () => {
    const made = await product.post("/v1/storefronts", {
      name: "审计店",
      domain: "audit.example",
      default_country: "SG",
      timezone: "Asia/Singapore",
      locale: "en",
      currency: "SGD",
    });
    expect(made.status).toBe(201);
    const storefront = made.body.id;
    const { secret } = await aKey({ storefront, scopes: ["audit:read"] });
    const other = await aKey({ storefront, scopes: ["audit:read"] });
    await product.request("DELETE", `/v1/api-keys/${other.id}`);
    const { body } = await audit("", secret);
    expect(body.data.map((one: Reply["body"]) => one.action)).toEqual([
      "api_keys.revoke",
      "api_keys.create",
      "api_keys.create",
      "storefronts.create",
    ]);
    const refused = await product.request("GET", "/v1/audit/verify", undefined, as(secret));
    expect(refused.status).toBe(403);
  });

  it("outlives a kill, and is valid after it", async () => {
    const before = await verdict();
    await product.kill();
    await product.start();
    expect(await verdict()).toEqual(before);
    await aKey({ scopes: ["messages:read"] });
    expect(await verdict()).toMatchObject({ valid: true, count: before.count + 1 });
  });

  it("has its length kept beside it by the hour", async () => {
    // One may have been kept already, where an hour ended meanwhile.
    const before = checkpoints().length;
    let kept = checkpoints();
    // As if the hour were over in a few seconds; in a few more where the start takes that long.
    for (const seconds of [6, 15]) {
      if (kept.length > before) break;
      await product.kill();
      const left = 3600 - (Math.floor(Date.now() / 1000) % 3600);
      await product.start({ CLOCK_OFFSET_SECONDS: String(left - seconds) });
      await aKey({ scopes: ["messages:read"] });
      const found = async () => checkpoints();
      kept = await product.eventually(found, ({ length }) => length > before, seconds);
    }
    const { valid, count, head } = await verdict();
    expect(valid).toBe(true);
    expect(kept.at(-1)).toMatchObject({ count, head, mac: expect.any(String) });
  });
});
