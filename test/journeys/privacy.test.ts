import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshNumber, Hongyan } from "./hongyan.ts";

const product = new Hongyan();
const key = () => randomBytes(32).toString("base64");
const [first, second] = [`1:${key()}`, `2:${key()}`];
const DATA_KEYS = { old: first, both: `${first},${second}`, young: second };
const restart = async (keys: string) => {
  await product.kill();
  await product.start({ DATA_KEYS: keys });
};

beforeAll(() => product.start({ DATA_KEYS: DATA_KEYS.old }));
afterAll(() => product.dispose());

const search = async (to: string) =>
  (await product.post("/v1/messages/search", { to })).body.data as { id: string; text: string }[];
const logged = (to: string, count: number) =>
  product.eventually(
    () => search(to),
    (rows) => rows.length >= count && rows.every((row) => "delivered_at" in row),
    10,
  );

it("rotates its keys with rows of both about, and then reads all without the old ones", async () => {
  const to = freshNumber();
  await product.send(to);
  await logged(to, 1);

  await restart(DATA_KEYS.both);
  await product.send(to, { purpose: "register" });
  expect(await logged(to, 2)).toHaveLength(2);
  const { status, body } = await product.post("/v1/privacy/rotations");
  expect(status).toBe(202);
  expect((await search(to)).length).toBe(2);
  const read = async () => (await product.request("GET", `/v1/jobs/${body.job}`)).body;
  const done = await product.eventually(read, (job) => job.status === "done", 20);
  expect(done).toMatchObject({ status: "done", counts: { left: 0 } });
  expect(done.counts.resealed).toBeGreaterThan(1);

  await restart(DATA_KEYS.young);
  const rows = await search(to);
  expect(rows).toHaveLength(2);
  expect(rows.every((row) => row.text.includes("鸿雁商城"))).toBe(true);
  expect((await product.send(freshNumber())).status).toBe(201);
  // Three starts, each with a bundle of its own where the sources changed meanwhile.
}, 90_000);

it("forgets a person at his wish, and tells him before what it knows", async () => {
  const to = freshNumber();
  const shown = await product.post("/v1/api-keys", {
    name: "officer",
    mode: "live",
    scopes: ["pii:read", "privacy:read"],
  });
  const officer = { Authorization: `Bearer ${shown.body.secret}` };
  await product.send(to);
  await product.post("/v1/contacts", { to, attributes: { tier: "gold" } });
  await product.post("/v1/events", {
    id: "evt-of-his",
    name: "cart.updated",
    to,
    data: { sku: 7 },
  });
  const [message] = await logged(to, 1);
  expect((await product.post("/v1/privacy/exports", { to })).status).toBe(403);
  const told = await product.post("/v1/privacy/exports", { to }, officer);
  expect(told.body).toMatchObject({
    to,
    data: [{ id: message?.id, to }],
    others: {
      contacts: [{ to, attributes: { tier: "gold" } }],
      events: [{ id: "evt-of-his", data: { sku: 7 } }],
      replies: [],
    },
  });

  const hold = await product.post("/v1/legal-holds", { to, reason: "case 7" });
  expect((await product.request("GET", `/v1/legal-holds/${hold.body.id}`)).body.to).toContain(
    "****",
  );
  const wish = { to, reason: "asked by mail" };
  expect((await product.post("/v1/privacy/erasures", wish)).status).toBe(409);
  const [contact] = (await product.post("/v1/contacts/search", { to })).body.data;
  expect((await product.request("DELETE", `/v1/contacts/${contact.id}`)).status).toBe(409);
  await product.request("DELETE", `/v1/legal-holds/${hold.body.id}`);
  expect((await product.post("/v1/privacy/erasures", wish)).body).toMatchObject({
    blocked: 1,
    others: { contacts: 1, events: 1 },
  });
  expect((await product.request("GET", "/v1/events/evt-of-his")).status).toBe(404);
  expect((await product.post("/v1/contacts/search", { to })).body.data).toEqual([]);
  expect(await search(to)).toEqual([]);
  const left = (await product.request("GET", `/v1/messages/${message?.id}`)).body;
  expect(left).toMatchObject({ to: null, text: null, category: "otp" });
  expect((await product.post("/v1/privacy/exports", { to }, officer)).body.data).toEqual([]);
  const { data } = (await product.request("GET", "/v1/audit?limit=200")).body;
  const actions = data.map((one: { action: string }) => one.action);
  expect(actions).toEqual(
    expect.arrayContaining([
      "privacy.erase",
      "privacy.export",
      "privacy.rotate",
      "legal_holds.create",
    ]),
  );
});
