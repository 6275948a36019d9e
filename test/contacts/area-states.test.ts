import { describe, expect, it } from "vitest";
import { zonesOfAreaCode } from "../../src/contacts/area-codes.ts";
import { stateOfAreaCode } from "../../src/contacts/area-states.ts";

const numberIn = (code: number) => `+1${code}5550100`;
const CODES = Array.from({ length: 800 }, (_, at) => at + 200);
const CANADIAN = /St_Johns|Halifax|Toronto|Winnipeg|Regina|Edmonton|Vancouver|Whitehorse/;

describe("the state of an American number", () => {
  it.each([
    ["+12145550100", "TX"],
    ["+13055550100", "FL"],
    ["+14015550100", "RI"],
    ["+18605550100", "CT"],
    ["+12125550100", "NY"],
    ["+14165550100", null],
    ["+18005550100", null],
    ["+8613800138000", null],
    ["+1214555010", null],
  ])("%s is %s", (number, state) => {
    expect(stateOfAreaCode(number)).toBe(state);
  });

  it("is known of every area code whose zone is known, and of none in Canada", () => {
    for (const code of CODES) {
      const zones = zonesOfAreaCode(numberIn(code));
      const isCanadian = zones.some((zone) => CANADIAN.test(zone));
      const isKnown = stateOfAreaCode(numberIn(code)) !== null;
      if (zones.length > 0) expect([code, isKnown]).toEqual([code, !isCanadian]);
    }
  });
});
