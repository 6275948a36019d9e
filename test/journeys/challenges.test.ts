import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();
beforeAll(() => product.start({ TURNSTILE_SITE_KEY: "site-key" }));
afterAll(() => product.dispose());

const ALWAYS = { mode: "enforce", purposes: ["login"], difficulty: 6, bound_to_number: false };
const OFF = { mode: "off" };

const setRules = async (rules: object) => {
  const all = { challenge: ALWAYS, prefix: OFF, address: OFF, sequence: OFF, ...rules };
  expect((await product.request("PUT", "/v1/abuse-rules", all)).status).toBe(200);
};
beforeEach(() => setRules({}));

let prefixes = 0;
/** Numbers of a prefix that no other test uses. */
function numbersOf(count: number): string[] {
  const prefix = `+86136${String(++prefixes).padStart(4, "0")}`;
  return Array.from({ length: count }, (_, i) => prefix + String(i * 37).padStart(4, "0"));
}

const take = (to: unknown, more: object = {}) => product.post("/v1/challenges", { to, ...more });

let tokens = 0;
/** What a widget gives that was rendered with these. */
const tokenOf = (widget: Record<string, string>) =>
  `sim-${++tokens}?${new URLSearchParams(widget)}`;

const sendWith = (to: string, widget: Record<string, string>) =>
  product.send(to, { challenge: { type: "turnstile", token: tokenOf(widget) } });

function solve(token: string, to: string, difficulty: number) {
  for (let solution = 0; ; solution++) {
    const digest = createHash("sha256").update(`${token}:${to}:${solution}`).digest();
    if (digest.readUInt32BE() >>> (32 - difficulty) === 0) {
      return { type: "pow", token: `${token}.${solution}` };
    }
  }
}

/** Slug and sentence of a refusal. */
const told = ({ body }: Reply) => `${String(body.type).replace("/problems/", "")}: ${body.detail}`;

describe("a challenge of Turnstile", () => {
  it("for any number is the site key alone", async () => {
    const { body } = await product.request("GET", "/v1/challenges");
    expect(body).toEqual({ type: "turnstile", site_key: "site-key" });
  });

  it("that was taken for a number is worth nothing for another, nor for another action", async () => {
    const [one = "", two = ""] = numbersOf(2);
    const { status, body } = await take(one, { purpose: "login" });
    const widget = { action: "send_code_login", cdata: body.cdata };
    expect([status, body]).toEqual([200, { type: "turnstile", site_key: "site-key", ...widget }]);
    expect(body.cdata).toMatch(/^\w{16,255}$/);
    expect((await take(one.slice(3))).body.cdata).toBe(body.cdata);

    expect(told(await sendWith(two, widget))).toMatch(/^challenge-required:.*another number/);
    const elsewhere = { ...widget, action: "send_code_payment" };
    expect(told(await sendWith(one, elsewhere))).toMatch(/^challenge-required:.*another action/);
    expect((await sendWith(one, widget)).status).toBe(201);
  });

  it("must name the number where the rule says so", async () => {
    const [to = "", other = ""] = numbersOf(2);
    expect((await sendWith(other, {})).status).toBe(201);
    await setRules({ challenge: { ...ALWAYS, bound_to_number: true } });
    expect(told(await sendWith(to, {}))).toMatch(/^challenge-required:.*bound to the number/);
    const { cdata } = (await take(to)).body;
    expect((await sendWith(to, { cdata })).status).toBe(201);
  });

  it("is taken for numbers that can get a code", async () => {
    for (const to of ["+86136", "+861012345678", 7]) {
      const { status, body } = await take(to);
      expect([status, body.type]).toEqual([
        422,
        to === 7 ? "/problems/invalid-request" : "/problems/phone-invalid",
      ]);
    }
  });
});

describe("a verifier that is silent", () => {
  it("once is asked again, and the token's one use is not lost", async () => {
    const [to = ""] = numbersOf(1);
    expect((await sendWith(to, { silent: "once" })).status).toBe(201);
  });

  it("stops strangers, and of known numbers those that something else speaks against", async () => {
    await product.settings({ resend_after_seconds: 0 });
    const [known = "", stranger = "", neighbour = ""] = numbersOf(3);
    await sendWith(known, {});
    expect((await product.check(known, await product.code(known))).body.status).toBe("approved");

    const silent = { silent: "always" };
    const refused = await sendWith(stranger, silent);
    expect(told(refused)).toMatch(/^challenge-required:.*gave no answer/);
    expect((await sendWith(known, silent)).status).toBe(201);
    const search = () => product.post("/v1/messages/search", { to: known });
    const found = await product.eventually(search, ({ body }) => body.data.length === 2, 3);
    const traces = await Promise.all(
      found.body.data.map(async ({ id }: { id: string }) => {
        const { body } = await product.request("GET", `/v1/messages/${id}`);
        return body.trace.map((step: { verdict: string }) => step.verdict);
      }),
    );
    expect(traces.filter((verdicts) => verdicts.includes("challenge unverified"))).toHaveLength(1);

    await setRules({ prefix: { mode: "enforce", texts: 1, times_usual: 0 } });
    expect((await sendWith(neighbour, {})).status).toBe(201);
    expect(told(await sendWith(known, silent))).toMatch(/^challenge-required:.*gave no answer/);
    expect((await sendWith(known, {})).status).toBe(201);
    await product.settings({ resend_after_seconds: 60 });
  });
});

describe("a proof of work", () => {
  it("that was taken for a number is harder the more speaks against it, and good for it alone", async () => {
    await setRules({
      challenge: { ...ALWAYS, bound_to_number: true },
      prefix: { mode: "enforce", texts: 1, times_usual: 0 },
      address: { mode: "enforce", numbers_per_hour: 1 },
    });
    const client = { ip: "198.18.9.1" };
    const pow = { type: "pow", client };
    const [first = "", second = "", third = ""] = numbersOf(3);
    const [elsewhere = ""] = numbersOf(1);
    const answer = async (to: string) => {
      const { body } = await take(to, pow);
      return { difficulty: body.difficulty, challenge: solve(body.token, to, body.difficulty) };
    };
    const easy = await answer(first);
    expect(easy.difficulty).toBe(6);
    expect((await product.send(first, { client, challenge: easy.challenge })).status).toBe(201);
    expect((await take(elsewhere, pow)).body.difficulty).toBe(8);
    const hard = await answer(second);
    expect(hard.difficulty).toBe(10);

    const { body } = await take(elsewhere, { type: "pow" });
    expect(body).toMatchObject({ type: "pow", difficulty: 6, expires_at: expect.any(String) });
    const ofAnother = solve(body.token, second, 10);
    const ofAny = (await product.request("GET", "/v1/challenges?type=pow")).body;
    expect(ofAny.difficulty).toBe(6);
    for (const challenge of [ofAnother, solve(ofAny.token, second, 10)]) {
      expect((await product.send(second, { challenge })).status).toBe(403);
    }
    expect((await product.send(second, { challenge: hard.challenge })).status).toBe(201);
    const again = await product.send(third, { challenge: hard.challenge });
    expect(again.status).toBe(403);
  });
});
