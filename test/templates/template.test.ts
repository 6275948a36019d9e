import { describe, expect, it } from "vitest";
import { pickVariant, render, variablesOf } from "../../src/templates/template.ts";

describe("a template", () => {
  it("knows its variables in the order in which they first occur", () => {
    expect(variablesOf("{{b}} {{ a }} {{b}} {c} {{D}}")).toEqual(["b", "a"]);
  });

  it("puts values in their places, each as it is", () => {
    expect(render("a {{x}} {{ x }} {{y}}", { x: "$& {{y}}" })).toBe("a $& {{y}} $& {{y}} {{y}}");
    expect(render("{{constructor}}", {})).toBe("{{constructor}}");
  });
});

describe("the variant of a template", () => {
  const variants = ["en", "zh-CN", "zh-HK"].map((locale) => ({ locale }));
  it.each([
    ["zh-HK", "en", "zh-HK"],
    ["ZH-hk", "en", "zh-HK"],
    ["zh-TW", "en", "zh-CN"],
    ["fr", "zh-CN", "zh-CN"],
    [undefined, "zh-HK", "zh-HK"],
    ["fr", "de", "en"],
    ["en-GB", "zh-CN", "en"],
  ])("for %s at a storefront of %s is %s", (wanted, storefront, picked) => {
    expect(pickVariant(variants, wanted, storefront)?.locale).toBe(picked);
  });

  it("is any one rather than none", () => {
    expect(pickVariant([{ locale: "th" }], "fr", "de")?.locale).toBe("th");
    expect(pickVariant([], "fr", "de")).toBeUndefined();
  });
});
