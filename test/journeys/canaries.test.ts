import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bodyFor, type Canary, filesOf, spellings } from "./canary.ts";
import { freshNumber, Hongyan } from "./hongyan.ts";
import { type Operation, readOperations } from "./operations.ts";
import { type Ids, ownBodies } from "./own-bodies.ts";
import { MAKERS } from "./resources.ts";

/** What a storefront's own server was told. */
let told = "";
const receiver = createServer((request, response) => {
  told += `${request.url} ${JSON.stringify(request.headers)} `;
  request.on("data", (part) => {
    told += part;
  });
  request.on("end", () => response.end());
});

const product = new Hongyan();
let origin = "";
beforeAll(async () => {
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const host = `127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  origin = `http://${host}`;
  await product.start({ ALLOW_LOCAL_TARGETS: host });
});
afterAll(async () => {
  await product.dispose();
  receiver.close();
});

/** After these nothing could be sent, or nobody asked. */
const LAST = ["DELETE /v1/storefronts/{id}", "PUT /v1/flags", "PUT /v1/routes"];

/** A code that was sent, guessed at and approved: eight readable letters occur nowhere by chance. */
async function aCode(to: string): Promise<string> {
  await product.settings({ purposes: { payment: { code_length: 8, alphabet: "readable" } } });
  const { id } = (await product.send(to, { purpose: "payment" })).body;
  const code = await product.code(to, 5);
  expect(code).toMatch(/^\w{8}$/);
  await product.check(to, `${code.slice(1)}A`, { purpose: "payment" });
  const checked = await product.post(`/v1/verifications/${id}/check`, { code });
  expect(checked.body.valid).toBe(true);
  return code;
}

/** Every refusal: other answers repeat what was said, to those who may read it. */
let refusals = "";
async function ask(...request: Parameters<Hongyan["request"]>): Promise<void> {
  const { status, body } = await product.request(...request);
  if (status >= 400) refusals += `${request[0]} ${status} ${JSON.stringify(body)}\n`;
}

async function makeAll(): Promise<Ids> {
  const [{ id: storefront }] = (await product.request("GET", "/v1/storefronts")).body.data;
  const ids: Record<string, string> = { simulator: product.simulator, texts: "promo" };
  for (const [resource, maker] of Object.entries(MAKERS)) {
    ids[resource] = await maker(product, storefront);
  }
  return ids;
}

/** One operation, told of the canary as it takes it, and in every way that it does not. */
async function drive(
  operation: Operation,
  document: Parameters<typeof bodyFor>[0],
  ids: Ids,
  { to, code }: Canary,
): Promise<void> {
  const { method, name, path, query, schema, types } = operation;
  const national = to.slice("+86".length);
  const own = path.replace(/\{\w+\}/g, ids[path.split("/")[2] ?? ""] ?? "any");
  const Origin = product.api;
  const full = schema ? bodyFor(document, schema as never, { to, code }) : undefined;
  for (const body of [ownBodies(ids, to)[name], full]) {
    if (schema && body !== undefined) await ask(method, own, body, { Origin });
  }
  for (const type of types) {
    const text =
      type === "application/json"
        ? JSON.stringify(full)
        : type === "text/csv"
          ? `to,city\n${to},Xi'an\n`
          : `${JSON.stringify({ to })}\n`;
    for (const broken of [text, text.replaceAll(to, `${to}0`), `{"${to}": ${text}, `]) {
      await ask(method, own, broken, { "Content-Type": type, Origin });
    }
    await ask(method, own, text, { "Content-Type": `text/${national}` });
  }
  if (path.includes("{")) await ask(method, path.replace(/\{\w+\}/g, to), full);
  for (const one of query) await ask(method, `${own}?${one}=${national}`, full);
  await ask(method, `${own}?${national}=${code}`, full, { "Idempotency-Key": to });
}

it("a number and a code lie in no file, no line of output and nothing that we tell others", async () => {
  const to = freshNumber();
  const national = to.slice("+86".length);
  const ids = await makeAll();
  const events = ["message.delivered", "message.sent", "message.failed", "message.undelivered"];
  const url = `${origin}/${"told"}`;
  expect((await product.post("/v1/webhook-endpoints", { url, events })).status).toBe(201);
  const code = await aCode(to);
  const named = { name: national, order_no: code, carrier: "SF" };
  await product.post("/v1/messages", { to, template: "order-shipped", variables: named });

  const tests = { name: "tests", mode: "test", scopes: ["verifications:write", "messages:write"] };
  const { secret } = (await product.post("/v1/api-keys", tests)).body;
  const asTest = { Authorization: `Bearer ${secret}` };
  await product.post("/v1/verifications", { to, purpose: "login" }, asTest);

  const hook = await product.post("/v1/hooks", { shop: "shopify", secret: "a shared secret" });
  const accounts = (await product.request("GET", "/v1/provider-accounts")).body.data;
  const pushed = JSON.stringify([{ phone_number: national, mobile: to, content: code }]);
  const callbacks = accounts.flatMap((one: { callback_urls: Record<string, string | null> }) =>
    Object.values(one.callback_urls).filter(Boolean),
  );
  expect(callbacks.length).toBeGreaterThan(5);
  for (const callback of [...callbacks, hook.body.url]) {
    await fetch(callback, { method: "POST", body: pushed });
    await fetch(`${callback}?m=${national}&c=${code}`);
    await fetch(`${callback}${national}`, { method: "POST", body: pushed });
  }
  const text = JSON.stringify({ text: `${national} ${code}` });
  const headers = { "Content-Type": "application/json" };
  await fetch(`${product.simulator}/handsets/${to}/reply`, { method: "POST", headers, body: text });

  const document = (await product.request("GET", "/openapi.json")).body;
  const operations = await readOperations(product);
  expect(operations.length).toBeGreaterThan(150);
  const isLast = ({ name }: Operation) => LAST.includes(name);
  for (const one of [...operations.filter((op) => !isLast(op)), ...operations.filter(isLast)]) {
    await drive(one, document, ids, { to, code });
  }
  for (const path of ["/healthz", "/docs", "/problems/forbidden", `/l/${national}`, `/${to}`]) {
    await ask("GET", `${path}?to=${national}&code=${code}`);
  }
  await product.eventually(
    async () => told,
    (all) => all.includes("message."),
    5,
  );
  await sleep(1_000);
  await product.kill();

  const traces = [...spellings(to), code, Buffer.from(code).toString("base64").slice(0, -2)];
  const found = (files: ReturnType<typeof filesOf>["own"]) =>
    files.flatMap(({ path, bytes }) =>
      traces.filter((trace) => bytes.includes(trace)).map((trace) => `${path}: ${trace}`),
    );
  const { own, carriers } = filesOf(product.stateDirectory);
  // Where it has to be it is found, so that the search is one.
  expect(found(carriers)).not.toEqual([]);
  expect(found(own)).toEqual([]);
  for (const kind of ["/d1/", "/do/", "/r2/", "-wal"]) {
    expect([kind, own.some(({ path }) => path.includes(kind))]).toEqual([kind, true]);
  }
  expect(told).toContain("message.delivered");
  for (const [what, all] of Object.entries({ told, refusals, output: product.output })) {
    expect([
      what,
      all.split("\n").filter((line) => traces.some((one) => line.includes(one))),
    ]).toEqual([what, []]);
  }
}, 60_000);
