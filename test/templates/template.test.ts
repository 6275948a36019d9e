import { describe, expect, it } from "vitest";
import {
  pickVariant,
  plainVariable,
  render,
  variablesOf,
  withLinkPrefix,
} from "../../src/templates/template.ts";

describe("a template", () => {
  it("knows its variables in the order in which they first occur", () => {
    expect(variablesOf("{{b}} {{ a }} {{b}} {c} {{D}}")).toEqual(["b", "a"]);
  });

  it("puts values in their places, each as it is", () => {
    expect(render("a {{x}} {{ x }} {{y}}", { x: "$& {{y}}" })).toBe("a $& {{y}} $& {{y}} {{y}}");
    expect(render("{{constructor}}", {})).toBe("{{constructor}}");
  });
});

describe("a template as vendors take it", () => {
  it("holds all of a short link but its code, and other addresses as they are", () => {
    const url = { ...plainVariable("link"), type: "url" as const };
    const filed = (shorten: boolean | null) =>
      withLinkPrefix(
        {
          category: "marketing",
          body: "{{name}}: {{ link|https://a.cn }}",
          variables: [plainVariable("name"), { ...url, shorten }],
        },
        "https://shop.example/l/",
      );
    expect(filed(null)).toBe("{{name}}: https://shop.example/l/{{ link|https://a.cn }}");
    expect(filed(false)).toBe("{{name}}: {{ link|https://a.cn }}");
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
