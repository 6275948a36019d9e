import { describe, expect, it } from "vitest";
import { readGuardVerdict, withVerdict } from "../../../src/compliance/screening/classifier.ts";
import { inTemplate, kindsOf } from "./builders.ts";

const FOUND = inTemplate("优惠");

describe("a classifier", () => {
  it("adds its verdict, and takes none away", async () => {
    const held = await withVerdict(FOUND, async () => "hold", "text", "enforce");
    expect(held).toMatchObject([{ kind: "marketing" }, { kind: "classifier", severity: "hold" }]);
    expect(await withVerdict(FOUND, async () => null, "text", "enforce")).toEqual(FOUND);
    const observed = await withVerdict([], async () => "refuse", "text", "observe");
    expect(observed).toMatchObject([{ kind: "classifier", severity: "observe" }]);
  });

  it("changes nothing when it fails, is off or is not there", async () => {
    const fails = () => Promise.reject(new Error("no model"));
    expect(await withVerdict(FOUND, fails, "text", "enforce")).toEqual(FOUND);
    expect(kindsOf(await withVerdict(FOUND, async () => "hold", "text", "off"))).toEqual([
      "marketing",
    ]);
    expect(await withVerdict(FOUND, null, "text", "enforce")).toEqual(FOUND);
  });

  it.each([
    [{ response: "\n\nunsafe\nS2" }, "hold"],
    [{ response: "safe" }, null],
    [{ response: { safe: false, categories: ["S2"] } }, "hold"],
    [{ response: { safe: true } }, null],
    [{}, null],
    [null, null],
  ])("that answers %j says %s", (answer, verdict) => {
    expect(readGuardVerdict(answer)).toBe(verdict);
  });
});
