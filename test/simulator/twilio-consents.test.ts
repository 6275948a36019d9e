import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OptOutNotice, WireRequest } from "../../src/providers/provider.ts";
import { twilio } from "../../src/providers/twilio.ts";
import { consents } from "../../src/providers/twilio-consents.ts";
import { ask, Client } from "./client.ts";
import { type Simulator, startSimulator, temporaryDirectory } from "./support.ts";

let simulator: Simulator;
let client: Client;

beforeAll(async () => {
  simulator = await startSimulator(temporaryDirectory());
  client = new Client(simulator.url);
});
afterAll(() => simulator.discard());

const SENDER = "+15005550009";
const CREDENTIALS = {
  account_sid: "sim-id",
  auth_token: "sim-secret",
  from: "+15005550006",
  marketing_sender: SENDER,
};
const STAMP = { now: new Date(), nonce: "0".repeat(64) };

let made = 0;
const anItem = (change: object = {}) => ({
  contact_id: `+1415555${1000 + ++made}`,
  correlation_id: String(made).padStart(32, "0"),
  sender_id: SENDER,
  status: "opt-out",
  source: "website",
  ...change,
});
const tell = (items: readonly object[], password = "sim-secret", prefix = "/twilio") =>
  ask(
    new Request(`${simulator.url}${prefix}/v1/Consents/Bulk`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`sim-id:${password}`)}` },
      body: new URLSearchParams(items.map((item) => ["Items", JSON.stringify(item)])),
    }),
  );
const listed = async (): Promise<{ number: string; sender: string; account: string }[]> =>
  ((await (await fetch(`${simulator.url}/opt-outs`)).json()) as { data: never[] }).data;

describe("Twilio's consents", () => {
  it("are taken each for itself, and shown", async () => {
    const right = anItem();
    const wrong = anItem({ contact_id: "14155550000", status: "out" });
    for (const prefix of ["/twilio", ""]) {
      const { status, body } = await tell([right, wrong], undefined, prefix);
      expect(status).toBe(201);
      expect(body.items).toEqual([
        { correlation_id: right.correlation_id, error_code: 0, error_messages: [] },
        {
          correlation_id: wrong.correlation_id,
          error_code: 30646,
          error_messages: ["INVALID_CONTACT_ID", "INVALID_STATUS"],
        },
      ]);
    }
    expect(await listed()).toEqual([
      expect.objectContaining({ number: right.contact_id, sender: SENDER, account: "sim-id" }),
    ]);
    await tell([{ ...right, status: "opt-in" }]);
    expect(await listed()).toEqual([]);
  });

  it.each([
    ["INVALID_CORRELATION_ID", { correlation_id: "1" }],
    ["INVALID_SENDER_ID", { sender_id: "Hongyan" }],
    ["INVALID_SOURCE", { source: "a bird" }],
    ["INVALID_DATE_OF_CONSENT", { date_of_consent: "soon" }],
  ])("are refused with %s: %o", async (fault, change) => {
    const { body } = await tell([anItem(change)]);
    expect(body.items[0].error_messages).toEqual([fault]);
  });

  it("take nobody in who has no token, nothing empty and no more than 25", async () => {
    expect((await tell([anItem()], "guess")).status).toBe(401);
    expect((await tell([])).status).toBe(400);
    expect((await tell(Array.from({ length: 26 }, () => anItem()))).status).toBe(400);
    const twice = anItem();
    expect((await tell([twice, twice])).status).toBe(400);
    expect(await listed()).toEqual([]);
  });

  it("keep a sender's texts back, no other's, and understand the adapter", async () => {
    const to = "+14155559999";
    const notice = (status: OptOutNotice["status"]): OptOutNotice => ({
      id: "f".repeat(32),
      to,
      status,
      via: "reply",
      at: new Date(),
    });
    const exchange = async ({ url, method, headers, body }: WireRequest) => {
      const response = await fetch(url, { method, headers, body });
      return { status: response.status, headers: {}, body: await response.text() };
    };
    const endpoint = `${simulator.url}/twilio`;
    const telling = async (one: OptOutNotice) =>
      consents.readTold(await exchange(consents.tell(CREDENTIALS, endpoint, [one], STAMP)), [one]);
    const sending = async (category: "marketing" | "otp") => {
      const text = { to, category, text: "【店】Hello", region: "international" as const };
      const rest = { messageId: "m", sender: "店", templateId: "", parameters: [] };
      const submission = { ...text, ...rest, callbackUrl: null, validForSeconds: null };
      return twilio.readSend(await exchange(twilio.send(CREDENTIALS, endpoint, submission)));
    };
    expect(await telling(notice("opted-out"))).toEqual([{ kind: "noted" }]);
    expect(await sending("marketing")).toMatchObject({ reason: "opted-out", code: "21610" });
    expect(await sending("otp")).toMatchObject({ kind: "accepted" });
    await client.control("PUT", "/faults/twilio", { mode: "http_500", rate: 1 });
    expect(await telling(notice("opted-in"))).toEqual([{ kind: "later", code: "HTTP 500" }]);
    await client.control("DELETE", "/faults");
    expect(await telling(notice("opted-in"))).toEqual([{ kind: "noted" }]);
    expect(await sending("marketing")).toMatchObject({ kind: "accepted" });
  });
});
