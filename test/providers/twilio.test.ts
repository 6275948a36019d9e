import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { twilio } from "../../src/providers/twilio.ts";
import { answer, aPush, aSentText, aSubmission } from "./support.ts";
import captured from "./vectors/twilio.json";

const { accountSid, authToken, apiKeySid, apiKeySecret } = captured.credentials;
const FROM = "+15558675310";
const CREDENTIALS = { account_sid: accountSid, auth_token: authToken, from: FROM };
const ENDPOINT = "https://api.twilio.com";

const vector = (name: string) => {
  const found = captured.requests.find((each) => each.name === name);
  if (!found) throw new Error(`no vector ${name}`);
  return found;
};

const A_TEXT = aSubmission({ to: "+15017122661", region: "international" });

const formOf = (changes: object, credentials: Parameters<typeof twilio.send>[0] = CREDENTIALS) =>
  new URLSearchParams(twilio.send(credentials, ENDPOINT, { ...A_TEXT, ...changes }).body);

describe("sending by Twilio", () => {
  it("writes what the vendor's SDK writes, and the category as the intent", () => {
    const { method, url, headers, body } = twilio.send(CREDENTIALS, ENDPOINT, {
      ...A_TEXT,
      text: "Hi there + 你好 & 100%",
      callbackUrl: "https://example.com/hook/twilio?x=1&y=2",
    });
    const { name: _, authorization, contentType, ...request } = vector("message.from.body");
    expect({ method, url, body: body.replace("&MessageIntent=otp", "") }).toEqual(request);
    expect(body).toContain("&MessageIntent=otp&");
    expect(headers).toEqual({
      accept: "application/json",
      authorization,
      "content-type": contentType,
    });
  });

  it("goes by an API key where there is one, below the account all the same", () => {
    const request = twilio.send(
      { ...CREDENTIALS, api_key_sid: apiKeySid, api_key_secret: apiKeySecret },
      ENDPOINT,
      A_TEXT,
    );
    expect(request.url).toBe(vector("message.apikey.auth").url);
    expect(request.headers.authorization).toBe(vector("message.apikey.auth").authorization);
  });

  it("names the sender, the service, or both", () => {
    const service = { messaging_service_sid: "MG22222222222222222222222222222222" };
    const { from: _, ...without } = CREDENTIALS;
    const senders = (credentials: Parameters<typeof twilio.send>[0]) => {
      const form = formOf({}, credentials);
      return [form.get("From"), form.get("MessagingServiceSid")];
    };
    expect(senders(CREDENTIALS)).toEqual([FROM, null]);
    expect(senders({ ...without, ...service })).toEqual([null, service.messaging_service_sid]);
    expect(senders({ ...CREDENTIALS, ...service })).toEqual([FROM, service.messaging_service_sid]);
  });

  it.each([
    [null, null],
    [300, "300"],
    [59.9, "59"],
    [0, "1"],
    [86_400, "36000"],
  ])("asks for %s seconds of validity as %s", (validForSeconds, expected) => {
    expect(formOf({ validForSeconds }).get("ValidityPeriod")).toBe(expected);
  });

  it.each([
    ["otp", "otp"],
    ["notification", "notifications"],
    ["marketing", "marketing"],
  ])("names the intent of %s %s", (category, intent) => {
    expect(formOf({ category }).get("MessageIntent")).toBe(intent);
  });

  it("asks for no callback where there is none to ask for", () => {
    expect(formOf({}).has("StatusCallback")).toBe(false);
  });
});

describe("Twilio's credentials", () => {
  const isUsable = (changes: object) =>
    twilio.credentials.safeParse({ ...CREDENTIALS, ...changes }).success;

  it("need a sender and whole keys, and an account that can be part of a path", () => {
    expect(isUsable({})).toBe(true);
    expect(isUsable({ from: undefined })).toBe(false);
    expect(isUsable({ from: undefined, messaging_service_sid: "MG2" })).toBe(true);
    expect(isUsable({ api_key_sid: "SK1" })).toBe(false);
    expect(isUsable({ api_key_secret: "secret" })).toBe(false);
    expect(isUsable({ api_key_sid: "SK1", api_key_secret: "secret" })).toBe(true);
    for (const account_sid of ["..", "a/b", "a?b", "a%2fb"]) {
      expect(isUsable({ account_sid })).toBe(false);
    }
  });
});

describe("Twilio's answers", () => {
  const SID = "SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  const read = (body: object, status = 201) => twilio.readSend(answer(body, { status }));

  it("take sid as the id, and tell segments where they are known", () => {
    const accepted = { kind: "accepted", providerMessageId: SID };
    expect(read({ sid: SID, status: "queued", num_segments: "2" })).toEqual({
      ...accepted,
      code: "queued",
      segments: 2,
    });
    // A messaging service has not chosen its sender yet.
    expect(read({ sid: SID, status: "accepted", num_segments: "0" })).toEqual({
      ...accepted,
      code: "accepted",
    });
  });

  it("refuse a text that failed at once, which no receipt would tell", () => {
    const failed = { sid: SID, status: "failed", error_code: 30007, error_message: "filtered" };
    expect(read(failed)).toMatchObject({
      kind: "rejected",
      reason: "content-rejected",
      detail: "filtered",
    });
  });

  it("are definite at 429, whatever the code beside it", () => {
    for (const code of [20429, 20001]) {
      const outcome = read({ code, message: "Too Many Requests", status: 429 }, 429);
      expect(outcome).toMatchObject({ kind: "throttled", retryAfterMs: 1_000 });
    }
  });
});

const posted = (fields: Record<string, string | string[] | undefined>): string =>
  new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) =>
      [value ?? []].flat().map((each): [string, string] => [name, each]),
    ),
  ).toString();

describe("the signature of Twilio's callbacks", () => {
  const isAuthentic = (changes: object, credentials: object = {}) => {
    const [signed] = captured.signatures;
    const push = aPush(posted(signed?.params ?? {}), {
      url: signed?.url ?? "",
      headers: { "x-twilio-signature": signed?.signature ?? "" },
      ...changes,
    });
    return twilio.receipts.isAuthentic({ ...CREDENTIALS, ...credentials }, push);
  };

  it.each(captured.signatures.map((each) => [each.name, each] as const))("holds: %s", (_, each) => {
    const { params, url, receivedUrl = url, signature } = each;
    const push = aPush(posted(params), {
      url: receivedUrl,
      headers: { "x-twilio-signature": signature },
    });
    expect(twilio.receipts.isAuthentic(CREDENTIALS, push)).toBe(true);
    expect(twilio.replies.isAuthentic(CREDENTIALS, push)).toBe(true);
  });

  it.each([
    ["https://example.com/hook", "https://example.com:443/hook"],
    ["https://example.com:443/hook", "https://example.com/hook"],
    ["http://example.com/hook", "http://example.com:80/hook"],
    ["http://127.0.0.1:8787/hook", "http://127.0.0.1:8787/hook"],
    ["http://[::1]:8787/hook?at=1:2", "http://[::1]/hook?at=1:2"],
    ["https://example.com/hook?name=O'Brien", "https://example.com/hook?name=O%27Brien"],
    ["https://example.com/hook?a=%7Eb&c=d%20e", "https://example.com/hook?a=~b&c=d%20e"],
    ["https://example.com?a=%7Eb", "https://example.com:443/?a=~b"],
  ])("holds for %s where Twilio signed %s", (url, signed) => {
    const signature = createHmac("sha1", authToken).update(`${signed}To+1`).digest("base64");
    const push = (at: string) =>
      aPush("To=%2B1", { url: at, headers: { "x-twilio-signature": signature } });
    expect(twilio.receipts.isAuthentic(CREDENTIALS, push(url))).toBe(true);
    const elsewhere = url.replace("hook", "other").replace("%7Eb", "%7Ec");
    expect(twilio.receipts.isAuthentic(CREDENTIALS, push(elsewhere))).toBe(false);
  });

  it("does not hold for another token, field, path or host, nor where there is none", () => {
    const url = captured.signatures[0]?.url ?? "";
    const params = captured.signatures[0]?.params ?? {};
    expect(isAuthentic({})).toBe(true);
    expect(isAuthentic({}, { auth_token: "another" })).toBe(false);
    expect(isAuthentic({ body: posted({ ...params, MessageStatus: "failed" }) })).toBe(false);
    expect(isAuthentic({ body: posted({ ...params, New: "1" }) })).toBe(false);
    expect(isAuthentic({ url: url.replace("/hook/", "/hooks/") })).toBe(false);
    expect(isAuthentic({ url: url.replace("example.com", "example.org") })).toBe(false);
    expect(isAuthentic({ url: url.replace("https", "http") })).toBe(false);
    expect(isAuthentic({ url: "/hook/twilio" })).toBe(false);
    expect(isAuthentic({ headers: {} })).toBe(false);
  });

  it("may be by either token while they are rotated, never by an API key's secret", () => {
    const rotated = { auth_token: "the-new-token", secondary_auth_token: authToken };
    expect(isAuthentic({}, rotated)).toBe(true);
    const byKey = { auth_token: "another", api_key_sid: "SK1", api_key_secret: authToken };
    expect(isAuthentic({}, byKey)).toBe(false);
  });
});

describe("receipts by Twilio", () => {
  const SID = "SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  const read = (fields: Record<string, string>) =>
    twilio.receipts.read(aPush(posted({ MessageSid: SID, To: "+15017122661", ...fields })));

  it.each([
    ["accepted", "pending"],
    ["queued", "pending"],
    ["sending", "pending"],
    ["sent", "pending"],
    ["delivered", "delivered"],
    ["read", "delivered"],
    ["failed", "undelivered"],
    ["undelivered", "undelivered"],
    ["canceled", "undelivered"],
  ])("of %s say %s", (MessageStatus, status) => {
    expect(read({ MessageStatus }).receipts).toEqual([
      {
        providerMessageId: SID,
        to: "+15017122661",
        status,
        code: MessageStatus,
        ...(status === "undelivered" && { reason: "provider-fault" }),
      },
    ]);
  });

  it("tell by ErrorCode why a text failed", () => {
    expect(read({ MessageStatus: "undelivered", ErrorCode: "30003" }).receipts).toMatchObject([
      { status: "undelivered", code: "30003", reason: "unreachable-number" },
    ]);
  });

  it("name a number through its channel, and may name none", () => {
    const to = (To: string) => read({ MessageStatus: "read", To }).receipts[0]?.to;
    expect(to("rcs:+15017122661")).toBe("+15017122661");
    expect(to("rcs:brand_agent")).toBeUndefined();
  });
});

describe("replies by Twilio", () => {
  it("keep their words, their sender and their id", () => {
    const form = posted({
      MessageSid: "SMbbbb",
      From: "+15017122661",
      To: FROM,
      Body: "STOP + 退订",
      OptOutType: "STOP",
    });
    expect(twilio.replies.read(aPush(form))).toEqual({
      replies: [{ id: "SMbbbb", from: "+15017122661", to: FROM, text: "STOP + 退订" }],
      unreadable: 0,
    });
  });
});

describe("asking Twilio for a text", () => {
  const sent = aSentText({ to: "+15017122661", submittedAt: new Date("2026-11-23T00:00:10Z") });
  const listed = (changes: object = {}) => ({
    sid: "SMaaaa",
    to: sent.to,
    body: sent.text,
    status: "sent",
    date_created: "Mon, 23 Nov 2026 00:00:09 +0000",
    error_code: null,
    num_segments: "1",
    ...changes,
  });
  const read = (messages: object[], changes: Partial<typeof sent> = {}, next: unknown = null) =>
    twilio.query.readAnswer(answer({ messages, next_page_uri: next }), { ...sent, ...changes });

  it("lists the texts of its number, of the day before too if clocks may differ", () => {
    const { method, url, headers, body } = twilio.query.ask(CREDENTIALS, ENDPOINT, sent);
    expect({ method, body }).toEqual({ method: "GET", body: "" });
    expect(url).toBe(
      `${ENDPOINT}/2010-04-01/Accounts/${accountSid}/Messages.json?To=%2B15017122661&DateSent%3E=2026-11-22&PageSize=40`,
    );
    expect(headers.authorization).toBe(vector("message.from.body").authorization);
  });

  it("finds it by its words and time where it has no id", () => {
    expect(read([listed()])).toEqual({
      kind: "found",
      status: "pending",
      code: "sent",
      providerMessageId: "SMaaaa",
      segments: 1,
    });
    const failed = listed({ status: "undelivered", error_code: 30003 });
    expect(read([failed])).toMatchObject({ status: "undelivered", reason: "unreachable-number" });
  });

  it("takes the same words of a minute before for an earlier text", () => {
    expect(read([listed({ date_created: "Sun, 22 Nov 2026 23:59:00 +0000" })])).toEqual({
      kind: "absent",
    });
  });

  it("goes by the id alone where it has one, and then never believes it was not taken", () => {
    const known = { providerMessageId: "SMbbbb" };
    expect(read([listed({ sid: "SMbbbb", body: "" })], known)).toMatchObject({ kind: "found" });
    expect(read([listed()], known)).toEqual({ kind: "unclear" });
    expect(read([], known)).toEqual({ kind: "unclear" });
  });

  it("proves nothing by a list that goes on, or by a text without words", () => {
    expect(read([], {}, "/2010-04-01/next")).toEqual({ kind: "unclear" });
    expect(read([listed({ body: "" })])).toEqual({ kind: "unclear" });
    expect(read([])).toEqual({ kind: "absent" });
  });
});
