import { describe, expect, it } from "vitest";
import { smsbao } from "../../src/providers/smsbao.ts";
import { summarise } from "./outcomes.ts";
import { answer, aPush, aSubmission, someSubmissions } from "./support.ts";
import captured from "./vectors/smsbao.json";

const { user: username, password, apiKey: api_key } = captured.credentials;
const BY_KEY = { username, api_key };
const ENDPOINT = "https://api.smsbao.com";

const vector = (name: string): string | undefined =>
  captured.requests.find((each) => each.name === name)?.url;

const urlOf = (changes: object, credentials: Parameters<typeof smsbao.send>[0] = BY_KEY): string =>
  smsbao.send(credentials, ENDPOINT, aSubmission(changes)).url;

describe("sending by SMSBao", () => {
  it("puts the MD5 of a password into the query", () => {
    const text = "【测试】您的验证码是1234，30秒内有效。";
    const url = urlOf({ sender: "测试", text }, { username, password });
    expect(url).toBe(vector("sms.single.md5"));
  });

  it("puts an API key into the query as it is", () => {
    const url = urlOf({ sender: "测试", text: "【测试】A+B&C=100% #1" });
    expect(url).toBe(vector("sms.single.apikey"));
  });

  it("has an address of its own for numbers abroad, their plus sign escaped", () => {
    const url = urlOf({
      to: "+60123456789",
      region: "international",
      sender: "Test",
      text: "【Test】Your code is 1234",
    });
    expect(url).toBe(vector("wsms.single"));
  });

  it("names many numbers and a dedicated channel in one call", () => {
    const text = "【测试】活动通知，拒收请回复R";
    const { method, url, headers, body } = smsbao.batch.send(
      { ...BY_KEY, product_id: "GOODS-1" },
      ENDPOINT,
      ["+8613800138000", "+8613800138001"].map((to) => aSubmission({ to, sender: "测试", text })),
    );
    expect(url).toBe(vector("sms.batch.goods"));
    expect({ method, headers, body }).toEqual({ method: "GET", headers: {}, body: "" });
  });

  it("puts the sender in front of a text that came without it", () => {
    const bare = urlOf({ sender: "测试", text: "您的订单已发货" });
    expect(new URL(bare).searchParams.get("c")).toBe("【测试】您的订单已发货");
  });

  it("moves the sender in front of the mark of an offer", () => {
    const offer = urlOf({ sender: "测试", text: "<ADV> 【测试】Sale" });
    expect(new URL(offer).searchParams.get("c")).toBe("【测试】<ADV> Sale");
  });

  it("keeps the largest call below 8 KiB of URL", () => {
    const text = "【测试签名】".padEnd(smsbao.longestText, "汉");
    const submissions = someSubmissions(smsbao.batch.most).map((each) => ({ ...each, text }));
    const request = smsbao.batch.send(BY_KEY, ENDPOINT, submissions);
    expect(request.url.length).toBeLessThan(8_192);
  });
});

describe("SMSBao's credentials", () => {
  const isUsable = (credentials: object) => smsbao.credentials.safeParse(credentials).success;

  it("are a username and either a key or a password", () => {
    expect(isUsable({ username, api_key })).toBe(true);
    expect(isUsable({ username, password })).toBe(true);
    expect(isUsable({ username })).toBe(false);
    expect(isUsable({ username, api_key, password })).toBe(false);
  });
});

describe("SMSBao's answers", () => {
  it.each([
    ["0", "accepted"],
    ["-1", "permanent malformed-request alert"],
    ["18446744073709551615", "permanent malformed-request alert"],
    ["-2", "permanent malformed-request alert"],
    ["18446744073709551614", "permanent malformed-request alert"],
    ["30", "failover account-config alert"],
    ["40", "failover account-config alert"],
    ["41", "failover account-balance alert"],
    ["42", "failover account-config alert"],
    ["43", "failover address-not-allowed alert"],
    ["50", "permanent content-rejected"],
    ["51", "permanent invalid-number"],
    ["44", "unknown: 44"],
    ["", "unknown: unreadable-answer"],
    ["<html>502</html>", "unknown: unreadable-answer"],
    ["18446744073709551613", "unknown: unreadable-answer"],
  ])("%j is %s", (body, verdict) => {
    expect(summarise(smsbao.readSend(answer(body)))).toBe(verdict);
    expect(summarise(smsbao.readSend(answer(` ${body}\r\n`)))).toBe(verdict);
  });

  it("give an accepted text no id", () => {
    expect(smsbao.readSend(answer("0\n"))).toEqual({
      kind: "accepted",
      providerMessageId: null,
      code: "0",
    });
  });

  it("are every text's of a call", () => {
    const three = someSubmissions(3);
    const read = (body: string) => smsbao.batch.readSend(answer(body), three).map(summarise);
    expect(read("0")).toEqual(["accepted", "accepted", "accepted"]);
    expect(read("51")).toEqual(three.map(() => "permanent invalid-number"));
  });
});

describe("texts that share a call of SMSBao", () => {
  const key = (changes: object) => smsbao.batch.together(aSubmission(changes));

  it("have the same sender and words", () => {
    expect(key({ messageId: "a", to: "+8613900139000" })).toBe(key({ messageId: "b" }));
    expect(key({ text: "【测试签名】其他" })).not.toBe(key({}));
    expect(key({ sender: "其他" })).not.toBe(key({}));
  });

  it("are never two that go abroad", () => {
    const abroad = { region: "international", to: "+60123456789" };
    expect(key({ ...abroad, messageId: "a" })).not.toBe(key({ ...abroad, messageId: "b" }));
  });
});

describe("replies by SMSBao", () => {
  const read = (url: string) => smsbao.replies.read(aPush("", { method: "GET", url }));

  it("are read from the query", () => {
    expect(read(captured.replyPush.url)).toEqual({
      replies: [{ from: "+8613800138000", text: "【退订】R" }],
      unreadable: 0,
    });
  });

  it.each([
    ["13800138000", "+8613800138000"],
    ["8613800138000", "+8613800138000"],
    ["%2B8613800138000", "+8613800138000"],
    ["%2B60123456789", "+60123456789"],
    ["+60123456789", "+60123456789"],
    ["+13105551234", "+13105551234"],
    ["60123456789", "+60123456789"],
  ])("may spell a number %s", (m, from) => {
    expect(read(`https://hongyan.example/replies?m=${m}&c=TD`).replies).toEqual([
      { from, text: "TD" },
    ]);
  });

  it("may hold anything that a query can carry", () => {
    const text = "a+b&c=100% #1?\n好";
    const url = `https://hongyan.example/replies?m=13800138000&c=${encodeURIComponent(text)}`;
    expect(read(url).replies).toEqual([{ from: "+8613800138000", text }]);
  });
});
