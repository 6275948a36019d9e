import { describe, expect, it } from "vitest";
import {
  checkMessage,
  checkTemplate,
  contentStep,
} from "../../../src/compliance/screening/check-content.ts";
import type { RichContent } from "../../../src/templates/rich-content.ts";
import { plainVariable } from "../../../src/templates/template.ts";
import { inMessage, inTemplate, inValue, someRules } from "./builders.ts";

describe("a template", () => {
  it("names the field and the place of what is found, in UTF-16 units", () => {
    const body = "🎁{{name}}您好，优*惠来了";
    const [finding] = inTemplate(body);
    expect(finding).toMatchObject({ path: "body", found: "优*惠", variable: null });
    expect(body.slice(finding?.start, finding?.end)).toBe("优*惠");
  });

  it("is judged with its fallbacks in their places", () => {
    const inline = "您好{{name|优惠}}。";
    const [found] = inTemplate(inline);
    expect(found?.path).toBe("body");
    expect(inline.slice(found?.start, found?.end)).toBe("优惠");
    const declared = inTemplate("{{a}}您好", { variables: [{ name: "a", fallback: "促销" }] });
    expect(declared).toMatchObject([{ path: "variables.a.fallback", start: 0, end: 2 }]);
    expect(inTemplate("{{优惠}}{{order_no}}{{sale}}").map((one) => one.found)).toEqual(["优惠"]);
  });

  it("of content names the text within it, and the value where it is previewed with one", () => {
    const content: RichContent = {
      type: "text",
      text: "优惠{{a}}",
      suggestions: [],
      fallback: null,
    };
    const template = {
      category: "notification" as const,
      body: "优惠{{a}}",
      content,
      variables: [plainVariable("a")],
    };
    expect(checkTemplate(someRules(), template).map((one) => one.path)).toEqual(["content.text"]);
    const sent = checkMessage(someRules(), template, { a: "促销" });
    expect(sent.map((one) => one.path)).toEqual(["variables.a"]);
  });

  it("says a thing once, in its longest form", () => {
    expect(inTemplate("优惠券").map((one) => one.found)).toEqual(["优惠券"]);
    expect(inTemplate("优惠，优惠").map((one) => one.start)).toEqual([0, 3]);
  });
});

describe("a message", () => {
  it("answers for its values alone", () => {
    const body = "优惠：{{no}}";
    expect(inMessage(body, { no: "1" })).toEqual([]);
    expect(inMessage(body, { no: "促销" })).toMatchObject([
      { path: "variables.no", variable: "no", start: 0, end: 2 },
    ]);
  });

  it("may not put a word together out of values and the words around them", () => {
    expect(inMessage("优{{a}}", { a: "惠" })).toMatchObject([{ variable: "a", found: "优惠" }]);
    expect(inMessage("{{a}}{{b}}", { a: "促", b: "销" })).toMatchObject([{ variable: "a" }]);
  });

  it("tells in both languages which variable holds what", () => {
    const step = contentStep(inValue("优惠, 13800138000"));
    expect(step).toMatchObject({ step: "content", verdict: "content-rejected" });
    for (const told of [step?.en, step?.zh]) {
      expect(told).toMatch(/no.*优惠/);
      expect(told).toContain("138****00");
      expect(told).not.toContain("13800138000");
    }
    expect(contentStep([])).toBeNull();
  });

  it("is judged as strictly as the worst of what is found", () => {
    expect(contentStep(inValue("红包"))?.verdict).toBe("observed");
    expect(contentStep(inValue("红包，邪教"))?.verdict).toBe("content-review");
    expect(contentStep(inValue("红包，邪教，赌场"))?.verdict).toBe("content-rejected");
  });
});

describe("a policy", () => {
  it("lets a kind of finding only be observed, or not looked for", () => {
    const observing = someRules([], { marketing: { mode: "observe" } });
    expect(inValue("优惠", { rules: observing })).toMatchObject([{ severity: "observe" }]);
    const blind = someRules([], { marketing: { mode: "off" }, contact: { mode: "off" } });
    expect(inValue("优惠 13800138000", { rules: blind })).toEqual([]);
    expect(inValue("赌场", { rules: blind })).toMatchObject([{ severity: "refuse" }]);
  });
});
