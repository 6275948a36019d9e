import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aliyunRequest } from "../simulator/signers.ts";
import { freshNumber, Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();
const SECRET = "sim-secret-2";
const CREDENTIALS = { access_key_id: "sim-id-2", access_key_secret: SECRET };
const ACCOUNTS = "/v1/provider-accounts";

interface Candidate {
  readonly account: string;
  readonly provider: string;
  readonly eligible: boolean;
  readonly position: number | null;
  readonly health: string;
  readonly reasons: readonly { readonly en: string; readonly zh: string }[];
}

interface Template {
  readonly id: string;
  readonly category: string;
  readonly bindings: readonly {
    readonly account: string;
    readonly region: string;
    readonly status: string;
  }[];
}

let account = "";
/** Seeded accounts by provider. */
let seeded: Record<string, string> = {};
let seededRules: unknown;

beforeAll(async () => {
  await product.start();
  await product.settings({ resend_after_seconds: 0 });
  const { data } = (await product.request("GET", ACCOUNTS)).body;
  seeded = Object.fromEntries(
    data.map((one: { provider: string; id: string }) => [one.provider, one.id]),
  );
  seededRules = (await product.request("GET", "/v1/routes")).body.rules;
});
afterAll(() => product.dispose());

const create = (more: object = {}): Promise<Reply> =>
  product.post(ACCOUNTS, {
    provider: "aliyun",
    name: "second",
    credentials: CREDENTIALS,
    endpoint: `${product.simulator}/aliyun`,
    ...more,
  });
const patch = (id: string, change: object) => product.request("PATCH", `${ACCOUNTS}/${id}`, change);
const putRules = (rules: unknown) => product.request("PUT", "/v1/routes", { rules });
const routeTo = (...accounts: (string | undefined)[]) =>
  putRules([
    {
      match: { category: "otp", country: "CN" },
      candidates: accounts.map((one) => ({ account: one })),
      strategy: "priority",
    },
  ]);
const explain = async (to: string): Promise<Candidate[]> =>
  (await product.post("/v1/routes/explain", { to, category: "otp", channel: "sms" })).body
    .candidates;

const isApprovedAtHome = ({ bindings }: Template): boolean =>
  bindings.some(
    (one) => one.account === account && one.region === "domestic" && one.status === "approved",
  );

describe("an account", () => {
  it("is made with credentials that never come out", async () => {
    const made = await create({ price: { amount: "0.038", currency: "CNY" } });
    expect(made.status).toBe(201);
    account = made.body.id;
    const hook = `${product.api}/webhooks/aliyun/${account}/`;
    expect(made.body).toMatchObject({
      provider: "aliyun",
      endpoint: `${product.simulator}/aliyun`,
      relay: null,
      limits: { per_second: null },
      price: { "*": { amount: "0.038", currency: "CNY" } },
      enabled: true,
    });
    expect(made.body.callback_urls.receipts).toMatch(new RegExp(`^${hook}[0-9a-f]{48}/receipts$`));
    const read = await product.request("GET", `${ACCOUNTS}/${account}`);
    expect(read.body).toEqual(made.body);
    const list = await product.request("GET", ACCOUNTS);
    const shown = JSON.stringify([made.body, read.body, list.body]);
    expect(shown).toContain(account);
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain("credentials");
    expect(product.output).not.toContain(SECRET);
  });

  it.each([
    ["no secret", { access_key_id: "x" }, "credentials.access_key_secret"],
    [
      "a wrong secret",
      { ...CREDENTIALS, access_key_secret: "秘密" },
      "credentials.access_key_secret",
    ],
    ["another vendor's field", { ...CREDENTIALS, secret_key: SECRET }, "credentials.secret_key"],
  ])("with %s is refused by the field's name, without its value", async (_, credentials, path) => {
    for (const refused of [await create({ credentials }), await patch(account, { credentials })]) {
      expect(refused.status).toBe(422);
      expect(refused.body.errors.map((error: { path: string }) => error.path)).toEqual([path]);
      expect(JSON.stringify(refused.body)).not.toMatch(/秘密|sim-secret/);
    }
  });

  it("goes to public addresses, or to the simulator's alone", async () => {
    const elsewhere = product.simulator.replace(/\d+$/, "1");
    for (const endpoint of ["https://169.254.169.254/", "http://api.example.com/", elsewhere]) {
      const refused = await create({ endpoint });
      expect(refused.status).toBe(422);
      expect(refused.body.type).toBe("/problems/target-not-allowed");
      expect(refused.body.errors[0].path).toBe("endpoint");
    }
    expect((await patch(account, { relay: "https://10.0.0.1" })).body.type).toBe(
      "/problems/target-not-allowed",
    );
  });

  it("takes its credentials nowhere else unless they come along", async () => {
    const endpoint = `${product.simulator}/elsewhere`;
    for (const change of [{ endpoint }, { endpoint: null }, { relay: product.simulator }]) {
      const refused = await patch(account, change);
      expect([refused.status, refused.body.errors?.[0].path]).toEqual([422, "credentials"]);
    }
    const moved = await patch(account, { endpoint, credentials: CREDENTIALS });
    expect(moved.body.endpoint).toBe(endpoint);
    const back = { endpoint: `${product.simulator}/aliyun`, credentials: CREDENTIALS };
    expect((await patch(account, back)).body.endpoint).toBe(back.endpoint);
    expect((await patch(account, { endpoint: back.endpoint })).status).toBe(200);
  });

  it("is changed field by field", async () => {
    const changed = await patch(account, { limits: { per_second: 30 }, name: "renamed" });
    expect(changed.body).toMatchObject({
      name: "renamed",
      limits: { per_second: 30 },
      price: { "*": { amount: "0.038", currency: "CNY" } },
      endpoint: `${product.simulator}/aliyun`,
    });
    const wrong = await patch(account, { price: { UK: { amount: "1", currency: "GBP" } } });
    expect(wrong.body.errors).toEqual([
      { path: "price.UK", message: "is neither a country code nor *" },
    ]);
    expect((await patch(account, { limits: null })).body.limits).toEqual({ per_second: null });
  });

  it("stays while a route names it", async () => {
    const { id } = (await create()).body;
    await routeTo(seeded.aliyun, id);
    expect((await product.request("DELETE", `${ACCOUNTS}/${id}`)).status).toBe(409);
    await putRules(seededRules);
    expect((await product.request("DELETE", `${ACCOUNTS}/${id}`)).status).toBe(200);
    expect((await product.request("GET", `${ACCOUNTS}/${id}`)).status).toBe(404);
    expect((await product.request("DELETE", `${ACCOUNTS}/${id}`)).status).toBe(404);
  });
});

describe("the rules", () => {
  it("come back as they were put, and name accounts that exist", async () => {
    const rules = [
      {
        match: { category: "otp", channel: "sms", country: "CN", carrier: "telecom" },
        candidates: [
          { account: seeded.tencent, weight: 2.5 },
          { account: seeded.aliyun, weight: 1 },
        ],
        strategy: "weighted",
      },
    ];
    expect((await putRules(rules)).body).toEqual({ rules });
    expect((await product.request("GET", "/v1/routes")).body).toEqual({ rules });
    const refused = await routeTo(seeded.aliyun, "acc_nobody");
    expect(refused.status).toBe(422);
    expect(refused.body.errors).toEqual([
      { path: "rules.0.candidates.1.account", message: "is not an account that exists" },
    ]);
    expect((await product.request("GET", "/v1/routes")).body).toEqual({ rules });
    expect((await routeTo(seeded.aliyun, seeded.aliyun)).status).toBe(422);
    expect((await routeTo()).status).toBe(422);
    expect((await putRules(seededRules)).status).toBe(200);
  });

  it("decide by carrier, and the explanation says so", async () => {
    const telecom = { category: "otp", country: "CN", carrier: "telecom" };
    await putRules([
      { match: telecom, candidates: [{ account: seeded.tencent }], strategy: "priority" },
      { match: {}, candidates: [{ account: seeded.aliyun }], strategy: "priority" },
    ]);
    const number = freshNumber();
    for (const [to, carrier, rule, provider] of [
      [number, "mobile", 1, "aliyun"],
      [number.replace("+86139", "+86189"), "telecom", 0, "tencent"],
    ] as const) {
      const { body } = await product.post("/v1/routes/explain", { to, category: "otp" });
      expect(body).toMatchObject({ country: "CN", carrier, ported: "unknown", rule });
      expect(body.to).toBe(`${to.slice(0, 6)}****${to.slice(-4)}`);
      expect((await product.send(to)).status).toBe(201);
      expect((await product.texts(to))[0]?.provider).toBe(provider);
    }
    await putRules(seededRules);
  });

  it("lead to accounts of which the share that arrived is told, where receipts come", async () => {
    const healthOf = async (id: string | undefined) =>
      (await product.request("GET", `${ACCOUNTS}/${id}/health`)).body;
    const counted = await product.eventually(
      () => healthOf(seeded.tencent),
      (health) => health.delivered_share !== null,
      5,
    );
    expect(counted).toMatchObject({
      delivered_share: 1,
      delivered_by_country: [{ country: "CN", delivered_share: 1, receipts: 1 }],
    });
    const unknown = { delivered_share: null, delivered_by_country: [] };
    expect(await healthOf(seeded.smsbao)).toMatchObject(unknown);
  });

  it("are told for every country, page by page, unknown prices as null", async () => {
    const found: Record<string, { calling_code: string; rule: object; accounts: object[] }> = {};
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const page: Reply = await product.request("GET", `/v1/routes/countries?limit=100${query}`);
      for (const one of page.body.data) found[one.country] = one;
      cursor = page.body.next_cursor;
    }
    expect(Object.keys(found).length).toBeGreaterThan(200);
    expect(found.CN).toMatchObject({ calling_code: "86", rule: { otp: 0 } });
    const priced = { account, price: { amount: "0.038", currency: "CNY" } };
    expect(found.FR?.accounts).toContainEqual(expect.objectContaining(priced));
    const unknown = { account: seeded.aliyun, price: null };
    expect(found.AQ ?? found.VA).toMatchObject({
      accounts: expect.arrayContaining([expect.objectContaining(unknown)]),
    });
  });
});

describe("an account without an approved template", () => {
  it("is out of every route, can't be tried, and the explanation says why", async () => {
    await routeTo(account);
    const to = freshNumber();
    const [only] = await explain(to);
    expect(only).toMatchObject({ account, eligible: false, position: null, health: "healthy" });
    expect(only?.reasons[0]?.en).toContain("template");
    expect((await product.send(to)).body.type).toBe("/problems/no-route");
    const tried = await product.post(`${ACCOUNTS}/${account}/test`, { to });
    expect(tried.body.type).toBe("/problems/template-not-approved");
    await putRules(seededRules);
  });
});

describe("a code by the second account alone", () => {
  beforeAll(async () => {
    const filing = { SignName: "鸿雁商城", SignSource: "0", Remark: "", QualificationId: "1" };
    const endpoint = `${product.simulator}/aliyun`;
    const id = { id: "sim-id-2", secret: SECRET };
    const filed = await fetch(aliyunRequest(endpoint, "CreateSmsSign", filing, id));
    expect(await filed.json()).toMatchObject({ Code: "OK" });
    const codes = async (): Promise<Template[]> => {
      const { data } = (await product.request("GET", "/v1/templates?limit=200")).body;
      return data.filter((one: Template) => one.category === "otp");
    };
    for (const { id: template } of await codes()) {
      await product.post(`/v1/templates/${template}/submit`);
    }
    const decided = await product.eventually(codes, (all) => all.every(isApprovedAtHome), 20);
    expect(decided.filter((one) => !isApprovedAtHome(one))).toEqual([]);
    await routeTo(account);
  });

  it("arrives from it, and the explanation told so beforehand, as the trace does afterwards", async () => {
    const to = freshNumber();
    const [only] = await explain(to);
    expect(only).toMatchObject({ account, provider: "aliyun", eligible: true, position: 1 });
    const sent = await product.send(to);
    expect(sent.status).toBe(201);
    const [text] = await product.texts(to);
    expect(text).toMatchObject({ provider: "aliyun", account: "sim-id-2" });
    const message = await product.eventually(
      async () => (await product.post("/v1/messages/search", { to })).body.data[0],
      (found) => found !== undefined,
      5,
    );
    expect(message).toMatchObject({ provider: "aliyun", account });
    const { trace } = (await product.request("GET", `/v1/messages/${message.id}`)).body;
    const route = trace.find((step: { step: string }) => step.step === "route");
    expect(route.en).toContain(only?.reasons[0]?.en);
    expect(route.zh).toContain(only?.reasons[0]?.zh);
  });

  it("is foretold of a template as its messages' traces tell it, for who has it approved", async () => {
    const candidates = [{ account, weight: 1 }, { account: seeded.tencent }];
    await putRules([{ match: {}, candidates, strategy: "priority" }]);
    const to = freshNumber();
    const text = {
      to,
      template: "order-shipped",
      variables: { name: "Li", order_no: "A".repeat(80), carrier: "SF" },
    };
    const told = await product.post("/v1/routes/explain", text);
    const { data } = (await product.request("GET", "/v1/templates?name=order-shipped")).body;
    expect(data.map(isApprovedAtHome)).toEqual([false, false]);
    expect(told.body.candidates).toMatchObject([
      { account: seeded.tencent, eligible: true },
      { account, eligible: false },
    ]);
    const { id } = (await product.post("/v1/messages", text)).body;
    const { trace } = (await product.request("GET", `/v1/messages/${id}`)).body;
    const { en, zh } = trace.find((step: { step: string }) => step.step === "route");
    expect(told.body.summary).toEqual({ en, zh });
    for (const [refused, slug] of [
      [{ template: "nothing" }, "not-found"],
      [{ template: "order-shipped", category: "otp" }, "invalid-request"],
      [{}, "invalid-request"],
    ] as const) {
      const { body } = await product.post("/v1/routes/explain", { to, ...refused });
      expect(body.type).toBe(`/problems/${slug}`);
    }
    await routeTo(account);
  });

  it("can be tried by itself", async () => {
    const to = freshNumber();
    const tried = await product.post(`${ACCOUNTS}/${account}/test`, { to });
    expect(tried.body).toMatchObject({ outcome: "accepted", code: "OK" });
    expect(tried.body.latency_ms).toBeGreaterThanOrEqual(0);
    expect((await product.texts(to))[0]).toMatchObject({ account: "sim-id-2" });
  });

  it("is not used from the moment it is disabled", async () => {
    await routeTo(account, seeded.tencent);
    expect((await patch(account, { enabled: false })).body.enabled).toBe(false);
    const to = freshNumber();
    const told = await explain(to);
    expect(told.map((one) => [one.account, one.eligible])).toEqual([
      [seeded.tencent, true],
      [account, false],
    ]);
    expect(told[1]).toMatchObject({ health: "disabled" });
    expect((await product.send(to)).status).toBe(201);
    expect((await product.texts(to))[0]?.provider).toBe("tencent");
    const health = await product.request("GET", `${ACCOUNTS}/${account}/health`);
    expect(health.body).toMatchObject({ status: "disabled" });
    await patch(account, { enabled: true });
  });

  it("goes behind the others while the account is in trouble, and the health says until when", async () => {
    await routeTo(account, seeded.tencent);
    await product.fault("aliyun", { mode: "throttle" });
    expect((await product.send(freshNumber())).status).toBe(201);
    await product.clearFaults();
    const { body } = await product.request("GET", `${ACCOUNTS}/${account}/health`);
    expect(body).toMatchObject({ status: "resting", troubles: 1 });
    expect(Date.parse(body.rest_until)).toBeGreaterThan(Date.now());
    const told = await explain(freshNumber());
    expect(told.map((one) => one.account)).toEqual([seeded.tencent, account]);
    expect(told[1]?.reasons.map((reason) => reason.en).join()).toContain("trouble");
    await patch(account, { credentials: CREDENTIALS });
    expect((await explain(freshNumber()))[0]).toMatchObject({ account, health: "healthy" });
  });
});
