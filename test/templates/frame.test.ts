import { describe, expect, it } from "vitest";
import { filedAs, fitsFrame, readFrame, writeFrame } from "../../src/templates/frame.ts";
import type { Binding } from "../../src/templates/template.ts";

const aFiling = (frame: string, providerTemplateId = "T1"): Binding => ({
  account: "acc_1",
  region: "international",
  status: "approved",
  detail: null,
  parameters: [],
  providerTemplateId,
  frame,
});
const frame = (before: string, behind: string) => ({ before, behind });
const STOP = frame("", " Reply STOP");
const SG = frame("<ADV> ", " Reply STOP");

describe("what stands around an offer", () => {
  it("is read as it was written", () => {
    for (const one of [STOP, SG, frame("", "")]) expect(readFrame(writeFrame(one))).toEqual(one);
  });

  it("fits a filing that says the same, an old one where it is the usual, and who takes any text", () => {
    const want = { wanted: SG, usual: STOP };
    expect(fitsFrame(aFiling(writeFrame(SG)), want)).toBe(true);
    expect(fitsFrame(aFiling(writeFrame(STOP)), want)).toBe(false);
    expect(fitsFrame(aFiling(""), want)).toBe(false);
    expect(fitsFrame(aFiling(""), { wanted: STOP, usual: STOP })).toBe(true);
    expect(fitsFrame(aFiling("", ""), want)).toBe(true);
    expect(fitsFrame(aFiling(writeFrame(STOP)), null)).toBe(true);
  });

  it("names the filing of a text, by the longest that it shows", () => {
    const any = aFiling("", "");
    const filings = ["{}", "<ADV> {}", writeFrame(STOP), writeFrame(SG)].map((one) => aFiling(one));
    const abroad = { region: "international", usual: frame("", "") } as const;
    const own = (text: string) => filedAs([...filings, any], text, abroad).map((one) => one.frame);
    expect(own("<ADV> 【Shop】Sale Reply STOP")).toEqual(["<ADV> {} Reply STOP", ""]);
    expect(own("<ADV> 【Shop】Sale")).toEqual(["<ADV> {}", ""]);
    expect(own("【Shop】Sale Reply STOP")).toEqual(["{} Reply STOP", ""]);
    expect(own("【Shop】Sale")).toEqual(["{}", ""]);
    const inMainland = { region: "domestic", usual: STOP } as const;
    expect(filedAs([...filings, any], "【Shop】Sale", inMainland)).toEqual([]);
  });

  it("names old filings, which say nothing, of texts with the usual frame, beside new ones", () => {
    const about = { region: "international", usual: STOP } as const;
    const filings = ["", writeFrame(STOP), writeFrame(SG), "{}"].map((one) => aFiling(one));
    const own = (text: string) => filedAs(filings, text, about).map((one) => one.frame);
    expect(own("【Shop】Sale Reply STOP")).toEqual(["", writeFrame(STOP)]);
    expect(own("<ADV> 【Shop】Sale Reply STOP")).toEqual([writeFrame(SG)]);
    const before = [aFiling(""), aFiling(writeFrame(SG))];
    expect(filedAs(before, "【Shop】Sale 拒收请回复R", about).map((one) => one.frame)).toEqual([
      "",
    ]);
  });

  it("had no mark where an old filing says nothing", () => {
    expect(fitsFrame(aFiling(""), { wanted: SG, usual: SG })).toBe(false);
    expect(fitsFrame(aFiling(""), { wanted: STOP, usual: SG })).toBe(true);
  });
});
