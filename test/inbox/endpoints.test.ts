import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { raiseVersion } from "../../src/db/snapshot.ts";
import { depsOf } from "../../src/deps.ts";
import { MOST_KEYWORD_RULES } from "../../src/inbox/keyword-rule.ts";
import { changeKeywordRule, pageKeywordRules } from "../../src/inbox/store.ts";
import { rfc3339, SECOND } from "../../src/lib/time.ts";
import { insertStorefront } from "../../src/storefronts/store.ts";
import { aNumber, anInbox } from "./builders.ts";

const deps = depsOf(env);
const app = createApp(deps);

let inbox: Awaited<ReturnType<typeof anInbox>>;

beforeAll(async () => {
  inbox = await anInbox();
  await deps.db.batch([insertStorefront(deps.db, inbox.shop), raiseVersion(deps.db)]);
  deps.snapshot.forget();
});

async function ask(method: string, path: string, body?: object) {
  const request = new Request(`https://hongyan.test${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${env.ROOT_KEY}`,
      ...(body ? { "Content-Type": "application/json" } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const response = await app.fetch(request, env, createExecutionContext());
  // biome-ignore lint/suspicious/noExplicitAny: answers are read as a client without types does.
  return { status: response.status, body: (await response.json()) as any };
}

describe("keyword rules", () => {
  const rule = (change: object = {}) => ({
    name: "sale",
    keywords: ["SALE"],
    tag: "sale",
    storefront: inbox.shop.id,
    ...change,
  });

  it.each([
    ["no keyword", { keywords: [] }, "keywords"],
    ["too many", { keywords: Array.from({ length: 51 }, (_, i) => `k${i}`) }, "keywords"],
    ["one too long", { keywords: ["k".repeat(41)] }, "keywords.0"],
    ["one without a letter", { keywords: ["！"] }, "keywords.0"],
    ["one that ends offers", { keywords: ["SALE", "Ｔｄ"] }, "keywords.1"],
    ["one that complains", { keywords: ["投诉"] }, "keywords.0"],
    ["one that asks for help", { keywords: ["help"] }, "keywords.0"],
    ["no effect", { tag: null }, ""],
    ["an answer that is no template", { answer: "nobody" }, "answer"],
    ["a tag that is no name", { tag: "Sale!" }, "tag"],
    ["an event that is no name", { event: "a b" }, "event"],
  ])("with %s are refused", async (_, change, path) => {
    const { status, body } = await ask("POST", "/v1/keyword-rules", rule(change));
    expect(status).toBe(422);
    expect(body.errors[0].path).toBe(path);
  });

  it("are made, changed in part, listed and deleted", async () => {
    const made = await ask("POST", "/v1/keyword-rules", rule());
    expect(made).toMatchObject({ status: 201, body: { match: "exact", enabled: true } });
    const path = `/v1/keyword-rules/${made.body.id}`;
    const changed = await ask("PATCH", path, { survey: "again", tag: null });
    expect(changed.body).toMatchObject({ name: "sale", survey: "again", tag: null });
    expect((await ask("PATCH", path, { survey: null })).status).toBe(422);
    expect((await ask("GET", path)).body).toEqual(changed.body);
    const list = `/v1/keyword-rules?storefront=${inbox.shop.id}`;
    expect((await ask("GET", list)).body.data).toEqual([changed.body]);
    expect((await ask("DELETE", path)).status).toBe(200);
    expect((await ask("GET", path)).status).toBe(404);
    expect((await ask("GET", list)).body.data).toEqual([]);
  });

  it("that were deleted come back by no late change", async () => {
    const { body } = await ask("POST", "/v1/keyword-rules", rule());
    const [known] = await pageKeywordRules(deps.db, { id: body.id }, 1);
    await ask("DELETE", `/v1/keyword-rules/${body.id}`);
    expect(known && (await changeKeywordRule(deps.db, known))).toBeNull();
    expect((await ask("GET", `/v1/keyword-rules/${body.id}`)).status).toBe(404);
  });

  it("are so many a storefront at most", async () => {
    for (let i = 0; i < MOST_KEYWORD_RULES - 1; i++) await inbox.rule({});
    expect((await ask("POST", "/v1/keyword-rules", rule())).status).toBe(201);
    expect((await ask("POST", "/v1/keyword-rules", rule())).status).toBe(409);
  });
});

describe("the inbox", () => {
  it("shows a storefront's replies page by page, masked, by state, intent and time", async () => {
    const [one, two] = [aNumber(), aNumber()];
    for (const to of [one, two]) inbox.sends(to);
    const keys: string[] = [];
    for (const [from, text] of [
      [one, "where is it?"],
      [two, "TD"],
      [one, "hello?"],
    ] as const) {
      keys.unshift((await inbox.says(from, text))?.key ?? "");
    }
    const list = async (query: string): Promise<string[]> => {
      const path = `/v1/replies?storefront=${inbox.shop.id}&${query}`;
      const { body } = await ask("GET", path);
      return body.data.map((row: { id: string }) => row.id);
    };
    expect(await list("")).toEqual(keys);
    expect(await list("limit=1")).toEqual(keys.slice(0, 1));
    expect(await list(`limit=2&cursor=${keys[0]}`)).toEqual(keys.slice(1));
    expect(await list("status=open")).toEqual([keys[0], keys[2]]);
    expect(await list("intent=opt-out")).toEqual([keys[1]]);
    const last = rfc3339(inbox.deps.clock.now() - SECOND);
    expect(await list(`after=${last}`)).toEqual([keys[0]]);
    expect(await list(`before=${last}`)).toEqual(keys.slice(1));
    const found = await ask("POST", "/v1/replies/search", {
      to: `0086 ${one.slice(3)}`,
      storefront: inbox.shop.id,
    });
    expect(found.body.data.map((row: { id: string }) => row.id)).toEqual([keys[0], keys[2]]);
    expect(found.body.data[0]).toMatchObject({ text: "hello?", intent: "text", tags: {} });
    expect(JSON.stringify(found.body)).not.toContain(one);
  });

  it("keeps what was noted, sealed, until it is taken away", async () => {
    const to = aNumber();
    inbox.sends(to);
    const reply = await inbox.says(to, "call me");
    const path = `/v1/replies/${reply?.key}`;
    const noted = await ask("PATCH", path, { status: "done", note: "called him" });
    expect(noted.body).toMatchObject({ status: "done", note: "called him" });
    const row = await inbox.newest(to);
    expect(JSON.stringify(row)).not.toContain("called him");
    expect((await ask("PATCH", path, { status: "open" })).body.note).toBe("called him");
    expect((await ask("GET", path)).body).toMatchObject({ status: "open", note: "called him" });
    expect((await ask("PATCH", path, { note: null })).body).toMatchObject({
      status: "open",
      note: null,
    });
    expect((await ask("PATCH", "/v1/replies/rpl_1", { note: null })).status).toBe(404);
  });
});
