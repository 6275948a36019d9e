import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan } from "./hongyan.ts";

const product = new Hongyan();
beforeAll(() => product.start());
afterAll(() => product.dispose());

const times = (count: number) => Array.from({ length: count });

describe("a code", () => {
  it("goes to the handset and is approved once", async () => {
    const to = freshNumber();
    const sent = await product.send(to);
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({
      to: `${to.slice(0, 6)}****${to.slice(-4)}`,
      purpose: "login",
      channel: "sms",
      status: "pending",
      attempts_left: 5,
      sends: 1,
    });
    const code = await product.code(to);
    expect(code).toMatch(/^\d{6}$/);
    const id = sent.body.id;
    const approved = await product.post(`/v1/verifications/${id}/check`, { code });
    expect(approved.body).toEqual({ id, status: "approved", valid: true, attempts_left: 0 });
    expect((await product.post(`/v1/verifications/${id}/check`, { code })).status).toBe(404);
    expect((await product.check(to, code)).status).toBe(404);
    expect((await product.request("GET", `/v1/verifications/${id}`)).body.status).toBe("approved");
  });

  it("comes in a text that names shop, purpose and validity, in the language asked for", async () => {
    const to = freshNumber();
    await product.send(to);
    const [chinese] = await product.texts(to);
    const code = await product.code(to);
    expect(chinese?.text).toBe(
      `【鸿雁商城】验证码${code}，用于登录，5分钟内有效。请勿告知他人。\n@shop.example #${code}`,
    );
    const abroad = `+6581${String(Date.now()).slice(-6)}`;
    await product.send(abroad, { purpose: "payment", locale: "en-GB" });
    const [english] = await product.texts(abroad);
    expect(english?.text).toMatch(/^【鸿雁商城】\d{6} is your payment code .* 5 minutes\./);
  });

  it("is one for all spellings of a number", async () => {
    const to = freshNumber();
    const national = to.slice(3);
    await product.send(to);
    const spaced = `+86 ${national.slice(0, 3)} ${national.slice(3, 7)} ${national.slice(7)}`;
    for (const spelling of [national, `0086${national}`, spaced, `＋86${national}`]) {
      expect((await product.send(spelling)).body).toMatchObject({ cap: "cooldown" });
    }
    expect((await product.check(national, await product.code(to))).body.valid).toBe(true);
  });

  it("is approved once under 1,000 right checks at the same time", async () => {
    const to = freshNumber();
    await product.send(to);
    const code = await product.code(to);
    const checks = await Promise.all(times(1000).map(() => product.check(to, code)));
    expect(checks.filter((check) => check.status === 200 && check.body.valid)).toHaveLength(1);
    expect(checks.filter((check) => check.status === 404)).toHaveLength(999);
  });

  it("costs five guesses under 1,000 wrong checks at the same time", async () => {
    const to = freshNumber();
    const { id } = (await product.send(to)).body;
    const code = await product.code(to);
    const wrong = code === "000000" ? "000001" : "000000";
    const checks = await Promise.all(times(1000).map(() => product.check(to, wrong)));
    const left = checks.map((check) => check.body).filter((body) => body.status === "pending");
    expect(left.map((body) => body.attempts_left).sort()).toEqual([1, 2, 3, 4]);
    expect(checks.every((check) => check.status === 200 && !check.body.valid)).toBe(true);
    const right = await product.post(`/v1/verifications/${id}/check`, { code });
    expect(right.body).toMatchObject({ status: "locked", valid: false });
  });

  it("goes out once under 500 sends at the same time", async () => {
    const to = freshNumber();
    const sends = await Promise.all(times(500).map(() => product.send(to)));
    expect(sends.filter((send) => send.status === 201)).toHaveLength(1);
    expect(sends.filter((send) => send.body.cap === "cooldown")).toHaveLength(499);
    expect(await product.texts(to)).toHaveLength(1);
  });

  it("takes guesses in full-width digits and with spaces round them, and counts any other spelling", async () => {
    const to = freshNumber();
    await product.send(to);
    const code = await product.code(to);
    const broken = `${code.slice(0, 3)} ${code.slice(3)}`;
    expect((await product.check(to, broken)).body).toMatchObject({
      valid: false,
      attempts_left: 4,
    });
    expect((await product.check(to, code.slice(0, 5))).body.attempts_left).toBe(3);
    expect((await product.check(to, "9".repeat(1000))).body.attempts_left).toBe(2);
    const wide = [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join("");
    expect((await product.check(to, ` ${wide}\t`)).body.valid).toBe(true);
  });

  it.each([[""], [null], [0], [false], [[]], [{}], [["123456"]]])(
    "refuses %j as a code without counting it",
    async (code) => {
      const to = freshNumber();
      await product.send(to);
      const refused = await product.check(to, code as string);
      expect(refused.status).toBe(422);
      const read = await product.check(to, "x");
      expect(read.body.attempts_left).toBe(4);
    },
  );

  it("for one purpose is worth nothing for another", async () => {
    const to = freshNumber();
    await product.send(to);
    const code = await product.code(to);
    expect((await product.check(to, code, { purpose: "account_change" })).status).toBe(404);
  });

  it("is bound to its context, compared as JSON values", async () => {
    const to = freshNumber();
    const context = { order: "A-1", amount: 12.5 };
    await product.send(to, { purpose: "payment", context });
    const code = await product.code(to);
    const payment = { purpose: "payment" };
    expect((await product.check(to, code, payment)).body.valid).toBe(false);
    const other = { ...payment, context: { order: "B-2", amount: 12.5 } };
    expect((await product.check(to, code, other)).body.valid).toBe(false);
    const same = { ...payment, context: { amount: 12.5, order: "A-1" } };
    expect((await product.check(to, code, same)).body.valid).toBe(true);
  });

  it("can be called off", async () => {
    const to = freshNumber();
    const { id } = (await product.send(to)).body;
    const code = await product.code(to);
    expect((await product.post(`/v1/verifications/${id}/cancel`)).body.status).toBe("canceled");
    expect((await product.check(to, code)).status).toBe(404);
    expect((await product.send(to)).body.cap).toBe("cooldown");
  });
});

describe("another text", () => {
  const id = async (to: string) => (await product.send(to)).body;

  it("carries the same code by another provider, and does not prolong it", async () => {
    await product.settings({ resend_after_seconds: 0 });
    const to = freshNumber();
    const first = await id(to);
    const code = await product.code(to);
    const second = await id(to);
    expect(second).toMatchObject({ id: first.id, sends: 2, expires_at: first.expires_at });
    const texts = await product.texts(to);
    expect(texts.map((text) => text.provider)).toEqual(["tencent", "aliyun"]);
    expect(texts.every((text) => text.text.includes(code))).toBe(true);
    await product.settings({ resend_after_seconds: 60 });
  });

  it("with another context makes a new code and ends the old one", async () => {
    await product.settings({ resend_after_seconds: 0 });
    const to = freshNumber();
    const first = (await product.send(to, { context: { order: 1 } })).body;
    const second = (await product.send(to, { context: { order: 2 } })).body;
    await product.settings({ resend_after_seconds: 60 });
    expect(second.id).not.toBe(first.id);
    const old = await product.request("GET", `/v1/verifications/${first.id}`);
    expect(old.body.status).toBe("canceled");
  });

  it("stops exactly at the caps of the number, over all purposes", async () => {
    await product.settings({ resend_after_seconds: 0, caps: { per_hour: 3, per_day: 4 } });
    const to = freshNumber();
    const purposes = ["login", "register", "payment", "account_change"];
    const sends = await Promise.all(
      times(40).map((_, index) => product.send(to, { purpose: purposes[index % 4] })),
    );
    await product.settings({ resend_after_seconds: 60, caps: { per_hour: 5, per_day: 10 } });
    expect(sends.filter((send) => send.status === 201)).toHaveLength(3);
    expect(await product.texts(to)).toHaveLength(3);
    const refused = sends.find((send) => send.status === 429);
    expect(refused?.body).toMatchObject({ type: "/problems/cap-exceeded", cap: "per_hour" });
    expect(Number(refused?.headers.get("Retry-After"))).toBeGreaterThan(3500);
  });

  it("gives no new guesses: after ten wrong ones in a day checks are locked and sends refused", async () => {
    await product.settings({ resend_after_seconds: 0 });
    const to = freshNumber();
    for (let code = 0; code < 2; code++) {
      await product.send(to);
      for (let guess = 0; guess < 5; guess++) await product.check(to, "wrong");
    }
    const refused = await product.send(to);
    await product.settings({ resend_after_seconds: 60 });
    expect(refused.status).toBe(429);
    expect(refused.body.cap).toBe("guesses_per_day");
    expect((await product.send(to, { purpose: "register" })).status).toBe(201);
  });
});

describe("an Idempotency-Key", () => {
  it("makes 100 requests at the same time one", async () => {
    const to = freshNumber();
    const headers = { "Idempotency-Key": `key ${to}` };
    const sends = await Promise.all(times(100).map(() => product.send(to, {}, headers)));
    const made = sends.filter((send) => send.status === 201);
    expect(new Set(made.map((send) => send.body.id)).size).toBe(1);
    expect(sends.filter((send) => ![201, 409].includes(send.status))).toEqual([]);
    expect(await product.texts(to)).toHaveLength(1);
    const replay = await product.send(to, {}, headers);
    expect(replay.headers.get("Idempotency-Replayed")).toBe("true");
    expect(replay.body).toEqual(made[0]?.body);
  });

  it("stands for one body and path, compared as JSON values", async () => {
    const to = freshNumber();
    const headers = { "Idempotency-Key": `key ${to}` };
    await product.send(to, {}, headers);
    const same = await product.post(
      "/v1/verifications",
      `{ "purpose":"login", "to":"${to}" }`,
      headers,
    );
    expect(same.status).toBe(201);
    const other = await product.send(to, { purpose: "register" }, headers);
    expect(other.body.type).toBe("/problems/idempotency-key-reused");
  });

  it("is free again after a refusal that passes", async () => {
    const to = freshNumber();
    await product.send(to);
    const headers = { "Idempotency-Key": `key ${to}` };
    expect((await product.send(to, {}, headers)).status).toBe(429);
    await product.settings({ resend_after_seconds: 0 });
    const again = freshNumber();
    expect((await product.send(again, {}, headers)).status).toBe(201);
    await product.settings({ resend_after_seconds: 60 });
  });
});

describe("settings", () => {
  it.each([
    ["digits", 4],
    ["digits", 8],
    ["readable", 4],
    ["readable", 8],
  ] as const)("make %s codes of %i characters", async (alphabet, length) => {
    await product.settings({ purposes: { register: { alphabet, code_length: length } } });
    const to = freshNumber();
    await product.send(to, { purpose: "register" });
    const code = await product.code(to);
    expect(code).toMatch(alphabet === "digits" ? /^\d+$/ : /^[2-9A-HJKMNP-Z]+$/);
    expect(code).toHaveLength(length);
    const typed = { purpose: "register" };
    expect((await product.check(to, code.toLowerCase(), typed)).body.valid).toBe(true);
    await product.settings({ purposes: { register: { alphabet: "digits", code_length: 6 } } });
  });

  it.each([
    { resend_after_seconds: 3601 },
    { resend_after_seconds: -1 },
    { purposes: { login: { code_length: 3 } } },
    { purposes: { login: { code_length: 9 } } },
    { purposes: { login: { ttl_seconds: 29 } } },
    { purposes: { login: { ttl_seconds: 601 } } },
    { purposes: { login: { max_attempts: 6 } } },
    { purposes: { login: { max_attempts: 0 } } },
    { allowed_countries: ["cn"] },
    { allowed_countries: ["XX"] },
    { unknown: 1 },
    { purposes: { login: { template: "otp-lost" }, register: { code_length: 4 } } },
    { purposes: { payment: { template: "tpl_01J00000000000000000000000" } } },
    { purposes: { payment: { template: "order-shipped" } } },
  ])("refuse %j and change nothing", async (change) => {
    const before = await product.request("GET", "/v1/verification-settings");
    const refused = await product.request("PUT", "/v1/verification-settings", change);
    expect(refused.status).toBe(422);
    expect(refused.body.errors[0].path).not.toBe("");
    const after = await product.request("GET", "/v1/verification-settings");
    expect(after.body).toEqual(before.body);
  });

  it("say which template is none of codes, and take one that is not approved yet", async () => {
    const [shipped] = (await product.request("GET", "/v1/templates?name=order-shipped")).body.data;
    const change = { purposes: { login: { template: shipped.id } } };
    const refused = await product.request("PUT", "/v1/verification-settings", change);
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({
      type: "/problems/invalid-request",
      errors: [{ path: "purposes.login.template" }],
    });
    const draft = { name: "otp-draft", category: "otp", body: "验证码{{code}}" };
    const { id } = (await product.post("/v1/templates", draft)).body;
    for (const template of ["otp-draft", id, "otp-login"]) {
      await product.settings({ purposes: { login: { template } } });
    }
  });

  it("of a new storefront repeat the names of templates that it has yet to make", async () => {
    const made = await product.post("/v1/storefronts", {
      name: "Third",
      domain: "third.example",
      default_country: "CN",
      timezone: "Asia/Shanghai",
      locale: "zh-CN",
      currency: "CNY",
    });
    const path = `/v1/verification-settings?storefront=${made.body.id}`;
    const { purposes } = (await product.request("GET", path)).body;
    expect((await product.request("PUT", path, { purposes })).status).toBe(200);
    const others = { purposes: { login: { template: "otp-payment" } } };
    expect((await product.request("PUT", path, others)).status).toBe(422);
  });

  it("name a template by its name, or one variant of it by its id", async () => {
    const { body } = await product.request("GET", "/v1/templates?name=otp-login&locale=en");
    const [english] = body.data;
    expect(english).toMatchObject({ name: "otp-login", locale: "en" });
    await product.settings({ purposes: { login: { template: english.id } } });
    const to = freshNumber();
    expect((await product.send(to, { locale: "zh-CN" })).status).toBe(201);
    expect((await product.texts(to))[0]?.text).toContain("login code");
    await product.settings({ purposes: { login: { template: "otp-login" } } });
  });

  it("hold for the very next request", async () => {
    for (const allowed of [["CN"], ["CN", "US", "GB", "SG", "HK"]]) {
      await product.settings({ allowed_countries: allowed });
      const { status } = await product.send(`+6581${String(Date.now()).slice(-6)}`);
      expect(status).toBe(allowed.includes("SG") ? 201 : 403);
    }
  });
});

describe("advice", () => {
  it.each([
    [{ purpose: "login", client: { new_device: false } }, "skip"],
    [{ purpose: "login", client: { new_device: true } }, "verify"],
    [{ purpose: "login" }, "verify"],
    [{ purpose: "payment", client: { new_device: false } }, "verify"],
  ])("for %j is to %s", async (facts, advice) => {
    const answer = await product.post("/v1/verifications/assess", { to: freshNumber(), ...facts });
    expect(answer.body.advice).toBe(advice);
  });

  it("is to verify while codes of the number are being guessed", async () => {
    const to = freshNumber();
    await product.send(to);
    await product.check(to, "wrong");
    const facts = { to, purpose: "login", client: { new_device: false } };
    expect((await product.post("/v1/verifications/assess", facts)).body.advice).toBe("verify");
  });
});
