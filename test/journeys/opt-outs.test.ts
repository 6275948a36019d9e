import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();

beforeAll(() => product.start());
afterAll(() => product.dispose());

/** What Twilio was told of a number: the sender whose offers it does not get. */
const listed = async (number: string): Promise<string[]> => {
  const { data } = (await (await fetch(`${product.simulator}/opt-outs`)).json()) as {
    data: { provider: string; sender: string; number: string }[];
  };
  return data.filter((one) => one.number === number).map((one) => `${one.provider} ${one.sender}`);
};
const LISTED = ["twilio +15005550009"];
const becomes = (number: string, wanted: readonly string[], seconds = 12) =>
  product.eventually(
    () => listed(number),
    (found) => `${found}` === `${wanted}`,
    seconds,
  );
const offer = (to: string) =>
  product.post("/v1/messages", {
    to,
    template: "promo",
    variables: { name: "Li", offer: `${Math.random()}` },
  });
const says = (from: string, text: string) =>
  fetch(`${product.simulator}/handsets/${from}/reply`, {
    method: "POST",
    body: JSON.stringify({ text }),
  });
const refuse = (to: string) =>
  product.post("/v1/suppressions", { to, scope: "marketing", reason: "asked by phone" });
const lift = (to: string) =>
  product.request("DELETE", "/v1/suppressions", { to, scope: "marketing", reason: "a mistake" });
const consent = (to: string, more: object = {}): Promise<Reply> =>
  product.post("/v1/consents", {
    to,
    scope: "marketing",
    source: "checkout",
    text_version: "2026-11",
    at: new Date().toISOString(),
    ...more,
  });

describe("an opt-out", () => {
  it("by a reply is told to the vendor that keeps a list, and so is the consent that ends it", async () => {
    const to = freshNumber();
    const { body } = await offer(to);
    await product.eventually(
      () => product.request("GET", `/v1/messages/${body.id}`),
      (message) => message.body.status === "delivered",
      5,
    );
    await says(to, "STOP");
    expect(await becomes(to, LISTED)).toEqual(LISTED);

    const bare = await consent(to);
    expect(bare.body).toMatchObject({ effective: false, lifted: false, suppressed: ["marketing"] });
    expect(bare.body.reason.zh).toContain("证据");
    expect(await listed(to)).toEqual(LISTED);
    const shown = await consent(to, { evidence: "form 7" });
    expect(shown.body).toMatchObject({
      effective: true,
      lifted: true,
      suppressed: [],
      reason: null,
    });
    expect(await becomes(to, [])).toEqual([]);
  });

  it("reaches it late when it is down, also past a kill, and is taken back there", async () => {
    const to = freshNumber();
    await product.fault("twilio", { mode: "http_500" });
    expect((await refuse(to)).status).toBe(201);
    await product.kill();
    await product.start();
    expect(await listed(to)).toEqual([]);
    await product.clearFaults();
    expect(await becomes(to, LISTED)).toEqual(LISTED);
    expect(await consent(to, { evidence: "form 7" })).toMatchObject({
      status: 201,
      body: { effective: false, suppressed: ["marketing"], reason: { en: /DELETE/ } },
    });
    expect((await lift(to)).status).toBe(200);
    expect(await becomes(to, [])).toEqual([]);
  });
});
