import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan({ withBuiltInPolicies: true });
const DAY = 86_400;

/** Makes it that time of a coming day in Shanghai; the product only ever goes forward. */
let days = 0;
async function atShanghai(hour: number, minute = 0): Promise<void> {
  await product.kill();
  const now = Math.floor(Date.now() / 1000);
  const midnight = now - ((now + 8 * 3600) % DAY);
  const offset = midnight + ++days * DAY + hour * 3600 + minute * 60 - now;
  await product.start({ CLOCK_OFFSET_SECONDS: String(offset) });
}

beforeAll(() => atShanghai(10));
afterAll(() => product.dispose());

const message = (id: string) => product.request("GET", `/v1/messages/${id}`);
const standing = async (id: string, ...wanted: string[]): Promise<Reply["body"]> =>
  (
    await product.eventually(
      () => message(id),
      ({ body }) => wanted.includes(body.status),
      10,
    )
  ).body;
const offer = (to: string, more: object = {}) =>
  product.post("/v1/messages", {
    to,
    template: "promo",
    variables: { name: "Li", offer: `${Math.random()}` },
    ...more,
  });
const notice = (to: string, more: object = {}) =>
  product.post("/v1/messages", {
    to,
    template: "order-shipped",
    variables: { name: "Li", order_no: `${Math.random()}`, carrier: "SF" },
    ...more,
  });
const agree = (to: string, more: object = {}) =>
  product.post("/v1/consents", {
    to,
    scope: "marketing",
    source: "checkout",
    text_version: "2026-03",
    at: "2026-01-01T00:00:00Z",
    ...more,
  });
const refuse = (to: string, scope = "marketing") =>
  product.post("/v1/suppressions", { to, scope, reason: "asked by phone" });
const policies = (change: object) => product.request("PUT", "/v1/policies", change);

describe("an offer", () => {
  it("leaves only with consent on record, with its proof to be found", async () => {
    const to = freshNumber();
    const without = await standing((await offer(to)).body.id, "suppressed");
    expect(without.reason).toBe("no-consent");
    expect(without.trace.at(-1)).toMatchObject({ step: "compliance", verdict: "no-consent" });
    const agreed = await agree(to, { evidence: "form 7" });
    expect(agreed.status).toBe(201);
    expect(agreed.body).toMatchObject({ scope: "marketing", suppressed: [], evidence: "form 7" });
    await standing((await offer(to)).body.id, "delivered");
    const found = await product.post("/v1/consents/search", { to: `0086 ${to.slice(3)}` });
    expect(found.body.data).toHaveLength(1);
    expect(found.body.data[0]).toMatchObject({ text_version: "2026-03", evidence: "form 7" });
    expect(JSON.stringify(found.body)).not.toContain(to);
    const evidence = { channel: "app", frequency: "2 a week", ip: "203.0.113.7", form: "f-7" };
    expect((await agree(to, { at: "2026-02-01T00:00:00Z", evidence })).body.evidence).toEqual(
      evidence,
    );
    const [newest] = (await product.post("/v1/consents/search", { to })).body.data;
    expect(newest.evidence).toEqual(evidence);
    expect((await agree(to, { evidence: { ip: "300.1.1.1" } })).status).toBe(422);
  });

  it("says how to opt out, and pays for the words", async () => {
    const body = `${"好".repeat(63)}{{name}}`;
    const preview = await product.post("/v1/templates/preview", {
      body,
      category: "marketing",
      variables: { name: "李" },
      country: "CN",
    });
    expect(preview.body.text).toBe(`${"好".repeat(63)}李，拒收请回复R`);
    expect(preview.body).toMatchObject({ length: 71, segments: 2 });
    const abroad = { body: "Sale, {{name}}", category: "marketing", variables: { name: "Li" } };
    const marked = await product.post("/v1/templates/preview", { ...abroad, country: "SG" });
    expect(marked.body.text).toBe("<ADV> Sale, Li Reply STOP to opt out");
  });

  it("is one a day to a number, whoever sends it, and the cap is a policy", async () => {
    const to = freshNumber();
    await agree(to);
    await standing((await offer(to)).body.id, "delivered");
    const second = await standing((await offer(to)).body.id, "suppressed");
    expect(second.reason).toBe("cap-exceeded");
    const raised = await policies({ marketing: { CN: { caps: { per_day: 2 } } } });
    expect(raised.body.marketing.CN).toMatchObject({ caps: { per_day: 2, per_week: 3 } });
    await standing((await offer(to)).body.id, "delivered");
  });
});

describe("policies", () => {
  it("say what they go by, and may be written as they were read", async () => {
    const before = (await product.request("GET", "/v1/policies")).body;
    expect(before.marketing.US).toMatchObject({
      source: expect.stringContaining("47 CFR 64.1200"),
      checked_at: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      quiet: { from: "20:00", regions: { TX: { weekdays: { sunday: { to: "12:00" } } } } },
    });
    const { CN, US, SG } = before.marketing;
    const written = await policies({ marketing: { CN, US, SG } });
    expect([written.status, written.body]).toEqual([200, before]);
    expect((await policies({ marketing: { CN: { nonsense: 1 } } })).status).toBe(422);
    const nowhere = await policies({ marketing: { ZZ: { suffix: "x" } } });
    expect([nowhere.status, nowhere.body.errors]).toEqual([
      422,
      [{ path: "marketing.ZZ", message: "must be an ISO 3166-1 code or *" }],
    ]);
    expect((await product.request("GET", "/v1/policies")).body).toEqual(before);
  });

  it("that are changed at the same time are all changed", async () => {
    const countries = ["AU", "BR", "CA", "DE", "FR", "GB", "HK", "IN"];
    const answers = await Promise.all(
      countries.map((country) => policies({ marketing: { [country]: { suffix: `x${country}` } } })),
    );
    expect(answers.map(({ status }) => status)).toEqual(countries.map(() => 200));
    const { marketing } = (await product.request("GET", "/v1/policies")).body;
    const suffixes = countries.map((country) => marketing[country].suffix);
    expect(suffixes).toEqual(countries.map((country) => `x${country}`));
  });
});

describe("an opt-out", () => {
  it("holds for the next offer, for any spelling, until it is taken back", async () => {
    const to = freshNumber();
    await agree(to);
    expect((await refuse(`86${to.slice(3)}`)).status).toBe(201);
    expect((await refuse(to)).status).toBe(200);
    expect((await standing((await offer(to)).body.id, "suppressed")).reason).toBe("opted-out");
    expect((await agree(to)).body.suppressed).toEqual(["marketing"]);
    expect((await standing((await offer(to)).body.id, "suppressed")).reason).toBe("opted-out");
    await standing((await notice(to)).body.id, "delivered");
    const listed = await product.request("GET", "/v1/suppressions?limit=1");
    expect(listed.body.data[0]).toMatchObject({ scope: "marketing", source: "api" });
    expect(listed.body.data[0].to).toMatch(/^\+86\d{3}\*{4}\d{4}$/);
    const lift = { to, scope: "marketing", reason: "a mistake" };
    expect((await product.request("DELETE", "/v1/suppressions", lift)).status).toBe(200);
    expect((await product.request("DELETE", "/v1/suppressions", lift)).status).toBe(404);
    await standing((await offer(to)).body.id, "delivered");
  });

  it("of everything holds back notifications, and never codes", async () => {
    const to = freshNumber();
    await refuse(to, "all");
    expect((await standing((await notice(to)).body.id, "suppressed")).reason).toBe("opted-out");
    expect((await product.send(to)).status).toBe(201);
  });

  it("amid a hundred texts on their way lets none out after its answer", async () => {
    const to = freshNumber();
    await policies({ marketing: { CN: { caps: { per_day: null, per_week: null } } } });
    await agree(to);
    await product.fault("aliyun", { mode: "slow", latency_ms: 60 });
    const sent = await Promise.all(Array.from({ length: 100 }, () => offer(to)));
    await product.eventually(
      () => product.texts(to),
      (texts) => texts.length > 3,
      10,
    );
    await refuse(to);
    const known = (await product.texts(to)).length;
    await product.clearFaults();
    const ends = await Promise.all(
      sent.map(({ body }) => standing(body.id, "suppressed", "sent", "delivered")),
    );
    expect(await product.texts(to)).toHaveLength(known);
    expect(ends.filter((one) => one.status === "suppressed")).toHaveLength(100 - known);
    await policies({ marketing: { CN: { caps: { per_day: 2, per_week: 3 } } } });
  });

  it("follows a vendor's word that the person refused, and says whose", async () => {
    const to = freshNumber();
    await agree(to);
    await product.fault("aliyun", { mode: "reject", error_code: "isv.CUSTOMER_REFUSED" });
    const { id } = (await offer(to)).body;
    expect(await standing(id, "failed")).toMatchObject({ reason: "opted-out" });
    await product.clearFaults();
    const found = await product.eventually(
      () => product.post("/v1/consents/search", { to }),
      ({ body }) => body.suppressions.length > 0,
      8,
    );
    expect(found.body.suppressions).toMatchObject([
      { scope: "marketing", source: "provider", reason: `aliyun isv.CUSTOMER_REFUSED: ${id}` },
    ]);
    expect((await standing((await offer(to)).body.id, "suppressed")).reason).toBe("opted-out");
    const told = await product.request("GET", "/v1/audit?action=suppressions.create&limit=1");
    expect(told.body.data[0]).toMatchObject({ actor: "system", actor_name: "aliyun" });
  });

  it("follows no complaint about somebody else's text", async () => {
    const [to, another] = [freshNumber(), freshNumber()];
    const { id } = (await notice(to)).body;
    const complain = (who: string) => product.post("/v1/complaints", { to: who, message: id });
    await standing(id, "sent", "delivered");
    expect((await complain(another)).status).toBe(404);
    const found = await product.post("/v1/consents/search", { to: another });
    expect(found.body.suppressions).toEqual([]);
    expect((await complain(to)).body.message).toBe(id);
  });

  it("follows a complaint, which is about the newest offer where it does not say", async () => {
    const to = freshNumber();
    await agree(to);
    const { id } = (await offer(to)).body;
    await standing(id, "delivered");
    await standing((await notice(to)).body.id, "delivered");
    const complaint = { to, text: "别再发了" };
    const made = await product.post("/v1/complaints", complaint);
    expect([made.status, made.body.message]).toEqual([201, id]);
    const found = await product.post("/v1/consents/search", { to });
    expect(found.body.suppressions).toMatchObject([{ scope: "marketing", source: "complaint" }]);
    const [stored] = (await product.request("GET", "/v1/complaints")).body.data;
    expect(stored).toEqual(made.body);
    expect(stored.text).toBe("别再发了");
  });
});

describe("at night", () => {
  it("what is not urgent waits for the recipient's morning, over a restart, and goes once", async () => {
    const [early = "", late = "", urgent = "", dead = ""] = [1, 2, 3, 4].map(() => freshNumber());
    await agree(early);
    await atShanghai(23);
    const held = await standing((await offer(early)).body.id, "queued");
    const waiting = (await notice(late)).body.id;
    await standing((await notice(urgent, { urgent: true })).body.id, "delivered");
    const over = await notice(dead, { expires_in: 3600 });
    expect((await standing(over.body.id, "suppressed")).reason).toBe("quiet-hours");
    await standing((await notice("+447911123456")).body.id, "delivered");
    const shown = await product.eventually(
      () => message(held.id),
      ({ body }) => body.reason === "quiet-hours",
      5,
    );
    expect(shown.body.status).toBe("queued");
    expect(shown.body.trace.at(-1)).toMatchObject({ step: "compliance", verdict: "held" });
    expect(shown.body.trace.at(-1).zh).toContain("免打扰");
    expect(await product.texts(early)).toHaveLength(0);
    await atShanghai(8, 2);
    await standing(held.id, "delivered");
    await standing(waiting, "delivered");
    expect(await product.texts(early)).toHaveLength(1);
  });

  it("a policy that is edited holds at once", async () => {
    const to = freshNumber();
    const quiet = { from: "00:00", to: "23:59" };
    await policies({ notification: { CN: { quiet } } });
    const { id } = (await notice(to)).body;
    await product.eventually(
      () => message(id),
      ({ body }) => body.reason === "quiet-hours",
      5,
    );
    expect(await product.texts(to)).toHaveLength(0);
    const refused = await policies({ notification: { CN: { quiet: { from: "25:00" } } } });
    expect(refused.status).toBe(422);
    expect((await product.request("GET", "/v1/policies")).body.notification.CN.quiet).toMatchObject(
      quiet,
    );
  });
});
