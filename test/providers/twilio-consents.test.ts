import { describe, expect, it } from "vitest";
import type { OptOutNotice } from "../../src/providers/provider.ts";
import { keepsList, tellOptOuts } from "../../src/providers/tell-opt-outs.ts";
import { twilio } from "../../src/providers/twilio.ts";
import { consents } from "../../src/providers/twilio-consents.ts";
import { answer, aSubmission, STAMP } from "./support.ts";

const ID = "0123456789abcdef0123456789abcdef";
const SENDER = "+15005550009";
const CREDENTIALS = { account_sid: "AC1", auth_token: "token", from: "+15005550006" };
const OF_OFFERS = { ...CREDENTIALS, marketing_sender: SENDER };

const aNotice = (change: Partial<OptOutNotice> = {}): OptOutNotice => ({
  id: ID,
  to: "+14155550100",
  status: "opted-out",
  via: "reply",
  at: new Date("2026-05-01T10:00:00Z"),
  ...change,
});
const told = (status: number, body: unknown) =>
  consents.readTold(answer(body, { status }), [aNotice()]);
const itemTold = (item: object) => told(201, { items: [{ correlation_id: ID, ...item }] });

describe("a number that opted out, as Twilio is told of it", () => {
  const tell = (endpoint: string, notices = [aNotice()], credentials: object = OF_OFFERS) =>
    consents.tell(credentials as typeof OF_OFFERS, endpoint, notices, STAMP);

  it("is an item of its own in a form, with the sender that it is about", () => {
    const notices = [
      aNotice(),
      aNotice({ id: `f${ID.slice(1)}`, status: "opted-in", via: "other" }),
    ];
    const { method, headers, body } = tell("https://api.twilio.com", notices);
    expect([method, headers["content-type"]]).toEqual([
      "POST",
      "application/x-www-form-urlencoded",
    ]);
    expect(headers.authorization).toBe(`Basic ${btoa("AC1:token")}`);
    const items = new URLSearchParams(body).getAll("Items").map((item) => JSON.parse(item));
    expect(items).toEqual([
      {
        contact_id: "+14155550100",
        correlation_id: ID,
        sender_id: SENDER,
        date_of_consent: "2026-05-01T10:00:00.000Z",
        status: "opt-out",
        source: "opt-out-message",
      },
      expect.objectContaining({ status: "opt-in", source: "others" }),
    ]);
  });

  it.each([
    ["https://api.twilio.com", "https://accounts.twilio.com/v1/Consents/Bulk"],
    [
      "https://api.dublin.ie1.twilio.com/",
      "https://accounts.dublin.ie1.twilio.com/v1/Consents/Bulk",
    ],
    ["http://127.0.0.1:8788/twilio", "http://127.0.0.1:8788/twilio/v1/Consents/Bulk"],
    ["https://api.nottwilio.com", "https://api.nottwilio.com/v1/Consents/Bulk"],
  ])("goes, from %s, to %s", (endpoint, url) => {
    expect(tell(endpoint).url).toBe(url);
  });

  it("is noted, refused for itself, or to be told again", () => {
    expect(itemTold({ error_code: 0, error_messages: [] })).toEqual([{ kind: "noted" }]);
    expect(itemTold({ error_code: 30646, error_messages: ["INVALID_CONTACT_ID"] })).toEqual([
      { kind: "refused", code: "30646" },
    ]);
    for (const again of [
      itemTold({ error_code: 30646, error_messages: ["INTERNAL_SERVER_ERROR"] }),
      itemTold({}),
      told(201, { items: [{ correlation_id: "another", error_code: 0 }] }),
      told(201, "created"),
      told(401, { code: 20003 }),
      told(429, { code: 20429 }),
      told(500, ""),
    ]) {
      expect(again).toEqual([{ kind: "later", code: expect.any(String) }]);
    }
  });
});

describe("an account's list", () => {
  const anAccount = (credentials: unknown) => ({
    provider: twilio,
    credentials,
    endpoint: "https://api.twilio.com",
    relay: null,
  });
  const deps = (respond: () => Promise<Response>) => ({ fetch: respond, stamp: () => STAMP });

  it("is one of offers alone: codes leave from another sender", () => {
    expect(keepsList(anAccount(CREDENTIALS))).toBe(false);
    expect(keepsList(anAccount({ ...OF_OFFERS, marketing_sender: "Hongyan" }))).toBe(false);
    expect(keepsList(anAccount(OF_OFFERS))).toBe(true);
    const senderOf = (category: "otp" | "marketing", sender: string) => {
      const credentials = { ...CREDENTIALS, marketing_sender: sender };
      const { body } = twilio.send(
        credentials,
        "https://api.twilio.com",
        aSubmission({ category }),
      );
      const form = new URLSearchParams(body);
      return [form.get("From"), form.get("MessagingServiceSid")];
    };
    expect(senderOf("otp", SENDER)).toEqual([CREDENTIALS.from, null]);
    expect(senderOf("marketing", SENDER)).toEqual([SENDER, null]);
    const service = `MG${"2".repeat(32)}`;
    expect(senderOf("marketing", service)).toEqual([null, service]);
  });

  it("is told by calls that never throw, and of no more than a call holds", async () => {
    const LATER = { kind: "later", code: expect.any(String) };
    const limits = { timeoutMs: 1_000 };
    const broken = deps(() => Promise.reject(new Error("refused")));
    const account = anAccount(OF_OFFERS);
    expect(await tellOptOuts(broken, account, [aNotice()], limits)).toEqual([LATER]);
    const never = deps(() => Promise.reject(new Error("nobody may be called")));
    const many = Array.from({ length: 26 }, () => aNotice());
    expect(await tellOptOuts(never, account, many, limits)).toEqual(many.map(() => LATER));
    const items = [{ correlation_id: ID, error_code: 0 }];
    const good = deps(async () => Response.json({ items }, { status: 201 }));
    expect(await tellOptOuts(good, account, [aNotice()], limits)).toEqual([{ kind: "noted" }]);
  });
});
