import { describe, expect, it } from "vitest";
import { type Flags, NO_FLAGS, stopOf, stopOfProvider } from "../../src/flags/flags.ts";

const stop = { reason: "a wrong price", since: 1 };
const text = { category: "marketing", storefront: "sto_1" } as const;
const stopped = (change: Partial<Flags["stops"]>): Flags => ({
  ...NO_FLAGS,
  stops: { ...NO_FLAGS.stops, ...change },
});
const aliyun = { id: "aliyun", title: { en: "Aliyun", zh: "阿里云" } };

describe("a stop", () => {
  it("of a category holds its texts alone, and says why in both languages", () => {
    const flags = stopped({ categories: new Map([["marketing", stop]]) });
    expect(stopOf(flags, text)).toEqual({
      en: "Marketing is stopped by an operator: a wrong price.",
      zh: "营销短信已被运营人员暂停：a wrong price。",
    });
    expect(stopOf(flags, { ...text, category: "notification" })).toBeNull();
  });

  it("of a storefront holds all its texts, and nobody else's", () => {
    const flags = stopped({ storefronts: new Map([["sto_1", { ...stop, reason: "" }]]) });
    expect(stopOf(flags, { ...text, category: "otp" })?.en).toBe(
      "The storefront is stopped by an operator.",
    );
    expect(stopOf(flags, { ...text, storefront: "sto_2" })).toBeNull();
  });

  it("of a provider holds no text, but keeps its accounts out", () => {
    const flags = stopped({ providers: new Map([["aliyun", stop]]) });
    expect(stopOf(flags, text)).toBeNull();
    expect(stopOfProvider(flags, aliyun)?.zh).toBe("阿里云已被运营人员暂停：a wrong price。");
    expect(stopOfProvider(flags, { ...aliyun, id: "tencent" })).toBeNull();
  });
});
