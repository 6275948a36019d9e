import { describe, expect, it } from "vitest";
import {
  checkDraft,
  type DeclaredVariable,
  keptVariables,
  MOST_VARIABLES,
} from "../../src/templates/check-draft.ts";
import { plainVariable } from "../../src/templates/template.ts";

const check = (body: string, variables: readonly DeclaredVariable[] = []) =>
  checkDraft({ category: "notification", body, variables });
const paths = (body: string, variables: readonly DeclaredVariable[] = []) => {
  const checked = check(body, variables);
  return checked.ok ? [] : checked.error.map((fault) => fault.path);
};

describe("a draft", () => {
  it("keeps what is declared and fills in the rest, in the body's order", () => {
    expect(check("{{b|x}} {{a}}", [{ name: "a", type: "digits", slot: "service" }])).toEqual({
      ok: true,
      value: [
        { ...plainVariable("b"), fallback: "x" },
        { ...plainVariable("a"), type: "digits", slot: "service" },
      ],
    });
  });

  it("may give the fallback twice, if it is the same", () => {
    expect(paths("{{a|x}}{{a}}{{a|x}}", [{ name: "a", fallback: "x" }])).toEqual([]);
    expect(paths("{{a|x}}", [{ name: "a", fallback: "y" }])).toEqual(["variables.0.fallback"]);
  });

  it("names all its faults", () => {
    const declared = [{ name: "a" }, { name: "a" }, { name: "b" }];
    const many = Array.from({ length: MOST_VARIABLES }, (_, i) => `{{v${i}}}`).join("");
    expect(paths(`{{a}}${many}`, declared)).toEqual(["body", "variables.1", "variables.2"]);
  });

  it(`has at most ${MOST_VARIABLES} variables`, () => {
    const body = (count: number) => Array.from({ length: count }, (_, i) => `{{v${i}}}`).join("");
    expect(paths(body(MOST_VARIABLES))).toEqual([]);
    expect(paths(body(MOST_VARIABLES + 1))).toEqual(["body"]);
  });

  it.each(["{{{a}}}", "{{a}}}", "{{a", "a}}", "{{}}", "{{1}}", "{{a b}}", "{{a|{b}}}", "{a}"])(
    "of %j has stray braces",
    (body) => {
      expect(paths(body)).toEqual(["body"]);
    },
  );

  it("speaks to marketers in both languages", () => {
    const checked = check("{{a");
    expect(checked).toMatchObject({
      error: [{ message: expect.stringMatching(/braces.*大括号/) }],
    });
  });
});

describe("an edited body", () => {
  const old = {
    body: "{{a|x}} {{b}} {{c}}",
    variables: [
      { ...plainVariable("a"), fallback: "x", maxLength: 5 },
      { ...plainVariable("b"), fallback: "y" },
      plainVariable("c"),
    ],
  };

  it("keeps what was declared of the variables that it still has", () => {
    const kept = keptVariables(old, "{{b}} {{a}}");
    expect(kept).toEqual([
      { ...plainVariable("a"), maxLength: 5 },
      { ...plainVariable("b"), fallback: "y" },
    ]);
  });

  it("may give another fallback than the old text or its declaration", () => {
    for (const body of ["{{a|z}}", "{{b|z}}"]) {
      const checked = check(body, keptVariables(old, body));
      expect(checked).toMatchObject({ value: [{ fallback: "z" }] });
    }
  });
});
