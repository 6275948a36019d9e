import { describe, expect, it } from "vitest";
import { inMessage, inTemplate, inValue, kindsOf, someRules } from "./builders.ts";

const refused = (found: ReturnType<typeof inValue>) =>
  kindsOf(found.filter((one) => one.severity === "refuse"));

describe("marketing wording", () => {
  it.each(["全场优惠", "Big SALE today", "10% off", "打8.5折", "限时抢购中"])(
    "such as %j is refused in a notification and in a code's text, and taken in an offer",
    (text) => {
      expect(refused(inTemplate(text))).toContain("marketing");
      expect(refused(inTemplate(text, { category: "otp" }))).toContain("marketing");
      expect(refused(inTemplate(text, { category: "marketing" }))).toEqual([]);
      expect(refused(inValue(text))).toContain("marketing");
    },
  );

  it.each(["优\u200B惠", "优 惠", "优*惠", "ＳＡＬＥ", "s a l e", "S.A.L.E", "sal\u0065\u0301"])(
    "spelled %j is the same",
    (text) => {
      expect(refused(inValue(`新${text}新`))).toEqual(["marketing"]);
    },
  );

  it("in Latin letters is a word of its own", () => {
    for (const text of ["Salem", "wholesale", "this ale", "turn offline", "Levi's ale"]) {
      expect(inValue(text), text).toEqual([]);
    }
  });

  it("is excused within a word that is off", () => {
    expect(inTemplate("Your after-sale request was approved.")).toEqual([]);
    const brand = { word: "优惠多超市", category: "marketing", severity: "off" } as const;
    const rules = someRules([brand]);
    expect(inValue("优惠多超市", { rules })).toEqual([]);
    expect(refused(inValue("优惠多", { rules }))).toEqual(["marketing"]);
  });
});

describe("a word of another category", () => {
  it("is found in every text", () => {
    expect(refused(inTemplate("线上赌场", { category: "marketing" }))).toEqual(["gambling"]);
    expect(inTemplate("邪教")).toMatchObject([{ kind: "politics", severity: "hold" }]);
  });

  it("is what the storefront says it is", () => {
    const word = { word: "Zebra Stripes", category: "fraud", severity: "hold" } as const;
    const rules = someRules([word]);
    expect(inValue("zebra-stripes", { rules })).toMatchObject([
      { kind: "fraud", severity: "hold" },
    ]);
    expect(inValue("zebra-stripes")).toEqual([]);
  });
});

describe("a second signature", () => {
  it.each(["【别家】您好", "︻别家︼您好", "【别家", "别家】"])("such as %j is refused", (text) => {
    expect(refused(inTemplate(text, { category: "marketing" }))).toEqual(["signature"]);
    expect(refused(inValue(text))).toEqual(["signature"]);
  });
});

describe("a link", () => {
  it("in a template leads to the storefront or to an allowed host", () => {
    const body = "查看 https://m.shop.example/o/{{no}}";
    expect(inTemplate(body)).toEqual([]);
    expect(inMessage(body, { no: "A1" })).toEqual([]);
    for (const foreign of [
      "https://evil.com/a",
      "https://shop.example.evil.com",
      "https://shop.example@1.2.3.4/",
      "http://1.2.3.4/",
      "evil.com",
      "ｅｖｉｌ．ｃｏｍ",
      "evil . c o m",
      "evil。cn",
      "e\u200Bvil.t\u200Bop",
      "https://{{host}}/",
    ]) {
      expect(refused(inTemplate(foreign)), foreign).toEqual(["link"]);
    }
    const rules = someRules([], { link: { allowed_domains: ["evil.com"] } });
    expect(inTemplate("https://www.evil.com/a", { rules })).toEqual([]);
    expect(refused(inTemplate("https://notevil.com/a", { rules }))).toEqual(["link"]);
  });

  it("in a value takes a variable that is declared as a URL", () => {
    const body = "订单{{no}}：{{link}}";
    const variables = [{ name: "link", type: "url" as const }];
    const link = "https://go.example.com/a";
    expect(inMessage(body, { no: "1", link }, { variables })).toEqual([]);
    expect(refused(inMessage(body, { no: "1", link }))).toEqual(["link"]);
    expect(refused(inMessage(body, { no: "https://shop.example/", link: "-" }))).toEqual(["link"]);
  });

  it("may not get its host from a value", () => {
    expect(refused(inMessage("见 shop{{a}}", { a: ".com" }))).toEqual(["link"]);
  });

  it("is no sentence, number or file", () => {
    for (const text of ["已发出。请查收", "v1.20.3", "a.pdf", "No.5", "Hello. Me too", "9.90"]) {
      expect(inValue(text), text).toEqual([]);
    }
  });
});

describe("contact details", () => {
  it.each([
    "13800138000",
    "电话13800138000",
    "138-0013-8000",
    "1 3 8 0 0 1 3 8 0 0 0",
    "１３８００１３８０００",
    "138\u200B0013\u200B8000",
    "+86 138 0013 8000",
    "7 13800138000",
    "+44 7911 123456",
    "微信：goose_888",
    "Q Q 12345678",
    "vx abc123",
    "加微信",
    "加 V 详谈",
    "WhatsApp me",
  ])("such as %j are refused in a value", (text) => {
    expect(refused(inValue(text))).toContain("contact");
  });

  it.each([
    "20261123123456789",
    "SF13800138000",
    "2026-11-23 18:00",
    "15:30-17:30 125",
    "微信支付",
    "QQ音乐",
    "QQ Music",
    "WeChat Payment",
    "1,380.00",
    "李雷",
  ])("are no such thing as %j", (text) => {
    expect(refused(inValue(text))).toEqual([]);
  });

  it("are taken where a template names them, and where digits are declared", () => {
    expect(refused(inTemplate("客服电话13800138000，加微信咨询"))).toEqual([]);
    const variables = [{ name: "no", type: "digits" as const }];
    expect(inValue("13800138000", { variables })).toEqual([]);
  });

  it("are masked in what is told of them", () => {
    const [finding] = inValue("打 138 0013 8000");
    expect(finding?.found).toBe("138****00");
    expect(JSON.stringify(inValue("加微信13800138000"))).not.toContain("13800138000");
  });
});

describe("a placeholder", () => {
  it.each(["{{order_no}}", "｛｛x｝｝", `$\{name}`, "{1}", "{\u200B1}", "#code#", "}}"])(
    "such as %j is refused in a value",
    (text) => {
      expect(refused(inValue(text))).toEqual(["placeholder"]);
    },
  );

  it("is no price, set or hashtag", () => {
    for (const text of ["$9.90", "{a, b}", "#5", "{"]) expect(inValue(text), text).toEqual([]);
  });
});
