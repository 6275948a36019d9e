import { describe, expect, it } from "vitest";
import { findRule, type KeywordRule } from "../../src/inbox/keyword-rule.ts";

const aRule = (change: Partial<KeywordRule>): KeywordRule => ({
  id: "kwr_1",
  storefront: "sto_1",
  name: "a rule",
  keywords: ["A", "优惠券", "9分"],
  match: "exact",
  tag: null,
  answer: null,
  event: null,
  survey: null,
  enabled: true,
  createdAt: 0,
  updatedAt: 0,
  ...change,
});

describe("a keyword", () => {
  it.each([
    ["exact", "a", "A"],
    ["exact", "Ａ！", "A"],
    ["exact", "优惠券？", "优惠券"],
    ["exact", "９分", "9分"],
    ["exact", "apple", undefined],
    ["exact", "A 1", undefined],
    ["prefix", "a, please", "A"],
    ["prefix", "apple", undefined],
    ["prefix", "A1", undefined],
    ["prefix", "优惠券怎么用", "优惠券"],
    ["prefix", "9分很好", "9分"],
    ["prefix", "给我优惠券", undefined],
    ["prefix", "", undefined],
  ] as const)("%s in %j is %j", (match, text, keyword) => {
    expect(findRule([aRule({ match })], text)?.keyword).toBe(keyword);
  });
});
