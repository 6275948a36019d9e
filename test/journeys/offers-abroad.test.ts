import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();
let accounts: Record<string, string> = {};

beforeAll(async () => {
  await product.start();
  const { data } = (await product.request("GET", "/v1/provider-accounts")).body;
  accounts = Object.fromEntries(
    data.map((one: { provider: string; id: string }) => [one.provider, one.id]),
  );
});
afterAll(() => product.dispose());

let made = 0;
/** A mobile number in Singapore. */
const aNumber = () => `+658${1_234_000 + ++made}`;
const routeBy = async (...providers: string[]) => {
  const candidates = providers.map((one) => ({ account: accounts[one] }));
  const rules = [{ match: { category: "marketing" }, candidates, strategy: "priority" }];
  expect((await product.request("PUT", "/v1/routes", { rules })).status).toBe(200);
};
const offer = async (to: string): Promise<Reply["body"]> => {
  const variables = { name: "Li", offer: `${Math.random()}` };
  const { body } = await product.post("/v1/messages", {
    to,
    template: "promo",
    locale: "en",
    variables,
  });
  const ended = await product.eventually(
    () => product.request("GET", `/v1/messages/${body.id}`),
    (message) => ["sent", "delivered", "failed", "suppressed"].includes(message.body.status),
    6,
  );
  return ended.body;
};
const candidatesOf = async (to: string): Promise<Reply["body"][]> =>
  (
    await product.post("/v1/routes/explain", {
      to,
      category: "marketing",
      channel: "sms",
      template: "promo",
      locale: "en",
    })
  ).body.candidates;

describe("an offer to a country that wants it marked", () => {
  it.each(["aliyun", "tencent", "yunpian", "smsbao", "twilio"])(
    "goes out by %s with its mark, as it was filed",
    async (provider) => {
      await routeBy(provider);
      const to = aNumber();
      expect(await offer(to)).toMatchObject({ provider });
      const [text] = await product.texts(to);
      expect(text).toMatchObject({
        provider,
        text: expect.stringMatching(/^(【.+】)?<ADV> (【.+】)?Hello Li/),
      });
    },
  );

  it("passes by accounts that have other words on file, says so, and comes back once they are filed", async () => {
    await routeBy("yunpian", "aliyun", "twilio");
    const changed = { marketing: { SG: { prefix: "[Ad] " } } };
    expect((await product.request("PUT", "/v1/policies", changed)).status).toBe(200);
    const to = aNumber();
    const [first, ...others] = await candidatesOf(to);
    expect(first).toMatchObject({ provider: "twilio", eligible: true });
    for (const other of others) {
      const [reason] = other.reasons;
      expect(other.eligible).toBe(false);
      expect([reason.en, reason.zh]).toEqual([
        expect.stringContaining("words that offers to this country bear"),
        expect.stringContaining("营销用语"),
      ]);
    }
    const anyOffer = { to, category: "marketing", channel: "sms" };
    const { candidates } = (await product.post("/v1/routes/explain", anyOffer)).body;
    expect(candidates.filter((one: Reply["body"]) => one.eligible)).toMatchObject([
      { provider: "twilio" },
    ]);
    const sent = await offer(to);
    expect(sent).toMatchObject({ provider: "twilio" });
    expect(JSON.stringify(sent.trace)).toContain("words that offers to this country bear");
    expect((await product.texts(to))[0]?.text).toContain("[Ad] ");

    const { data } = (await product.request("GET", "/v1/templates?limit=100")).body;
    const promo = data.find(
      (one: { name: string; locale: string }) => one.name === "promo" && one.locale === "en",
    );
    expect((await product.post(`/v1/templates/${promo.id}/submit`)).status).toBe(200);
    await product.eventually(
      () => candidatesOf(to),
      ([best]) => best.provider === "yunpian",
      6,
    );
    const next = aNumber();
    expect(await offer(next)).toMatchObject({ provider: "yunpian" });
    expect((await product.texts(next))[0]?.text).toContain("】[Ad] Hello");
  });
});
