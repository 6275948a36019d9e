import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderText } from "../../src/templates/render-text.ts";
import { plainVariable, type Variable, variablesOf } from "../../src/templates/template.ts";

function template(body: string, refined: readonly (Partial<Variable> & { name: string })[] = []) {
  const variables = variablesOf(body).map((name) => ({
    ...plainVariable(name),
    ...refined.find((one) => one.name === name),
  }));
  return { body, variables };
}

const text = (body: string, values: Record<string, unknown>) => {
  const rendered = renderText(template(body), values);
  return rendered.ok ? rendered.value.text : rendered.error;
};

describe("a rendered text", () => {
  it("has each value in its place, and says what stands there", () => {
    const rendered = renderText(template("{{ a }}, {{b}} and {{a}}"), { a: "x", b: 2, c: "y" });
    expect(rendered).toEqual({
      ok: true,
      value: { text: "x, 2 and x", values: { a: "x", b: "2" } },
    });
  });

  it("names every variable that has no value", () => {
    expect(text("{{a}} {{b}} {{c}}", { b: "x" })).toEqual([
      { name: "a", why: "missing" },
      { name: "c", why: "missing" },
    ]);
  });

  it("takes a fallback for what is missing, empty or blank", () => {
    const body = "Hi {{name|friend}}";
    for (const name of ["", " ", "undefined", " NaN", "[object Object]"]) {
      expect(text(body, { name })).toBe("Hi friend");
      expect(text("Hi {{name}}", { name })).toEqual([{ name: "name", why: "missing" }]);
    }
    expect(text(body, {})).toBe("Hi friend");
    const declared = template("Hi {{name}}", [{ name: "name", fallback: "friend" }]);
    expect(renderText(declared, {})).toMatchObject({ value: { values: { name: "friend" } } });
  });

  it.each([null, undefined, {}, [], ["x"], true, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses %j as a value, fallback or not",
    (value) => {
      expect(text("{{a|b}}", { a: value })).toEqual([{ name: "a", why: "not-text" }]);
    },
  );

  it("does not read names from the prototype", () => {
    expect(text("{{constructor}}", {})).toEqual([{ name: "constructor", why: "missing" }]);
  });

  it.each(["a\nb", "a\u0000", "a\u2028", "\u009b31m", "\ud800"])("refuses %j in a value", (a) => {
    expect(text("{{a}}", { a })).toEqual([{ name: "a", why: "control-characters" }]);
  });

  it.each([
    ["text", "x".repeat(8), null],
    ["text", "😀".repeat(8), null],
    ["text", "x".repeat(9), "too-long"],
    ["digits", "0123", null],
    ["digits", "12a", "not-digits"],
    ["digits", "１２", "not-digits"],
    ["amount", "12.50", null],
    ["amount", "¥1,299.00", "too-long"],
    ["amount", "¥1,299.0", null],
    ["amount", "1,29", "not-an-amount"],
    ["amount", "1e3", "not-an-amount"],
    ["url", "http:x", "not-a-url"],
    ["url", "//x.cn", "not-a-url"],
  ] as const)("of type %s takes %j: %s", (type, a, why) => {
    const one = template("{{a}}", [{ name: "a", type, maxLength: 8 }]);
    const rendered = renderText(one, { a });
    expect(rendered.ok ? null : rendered.error).toEqual(why && [{ name: "a", why }]);
  });

  it("takes http and https links alone", () => {
    const one = template("{{a}}", [{ name: "a", type: "url" }]);
    expect(renderText(one, { a: "https://shop.example/a?b=1" }).ok).toBe(true);
    expect(renderText(one, { a: "javascript:alert(1)" }).ok).toBe(false);
  });

  it("never reads a value as a template, and never prints undefined", () => {
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom("{{b}}", "{{a|x}}", "$&", "{{", "}}"),
      fc.integer(),
      fc.constantFrom(null, undefined),
    );
    fc.assert(
      fc.property(value, value, (a, b) => {
        const rendered = renderText(template("<{{a}}|{{b|none}}>"), { a, b });
        if (!rendered.ok) return;
        const { values } = rendered.value;
        expect(rendered.value.text).toBe(`<${values.a}|${values.b}>`);
        expect(values.a).toBe(String(a));
        expect(rendered.value.text).not.toContain("undefined");
      }),
    );
  });
});
