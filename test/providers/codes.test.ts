import { describe, expect, it } from "vitest";
import {
  accepted,
  detailOf,
  GIVES_NO_ID,
  outcomeOf,
  readCode,
  readCodeNumber,
} from "../../src/providers/codes.ts";

describe("a code", () => {
  it.each(["OK", "isv.SMS_SIGN_ILLEGAL", "Forbidden.RAM", "X-1"])("may be %s", (code) => {
    expect(readCode(code)).toBe(code);
  });

  it.each(["", "not a code", "13800138000", "A13800138000", "9", "x".repeat(101), 7, null, ["OK"]])(
    "is not %j",
    (value) => {
      expect(readCode(value)).toBeUndefined();
    },
  );
});

describe("a numbered code", () => {
  it.each([0, 33, -57, 21211, "0", "-1", "21211"])("may be %j", (code) => {
    expect(readCodeNumber(code)).toBe(String(code));
  });

  it.each(["", "-", "1.5", "0x1", " 3", "138001", 13_800_138_000, 1.5, Number.NaN, null, [3]])(
    "is not %j",
    (value) => {
      expect(readCodeNumber(value)).toBeUndefined();
    },
  );
});

describe("a vendor that gives no id", () => {
  it("is told apart from one that left it out", () => {
    const outcome = (providerMessageId: unknown) =>
      outcomeOf(accepted, { status: 200, code: "0", message: "", providerMessageId });
    expect(outcome(GIVES_NO_ID)).toEqual({ kind: "accepted", providerMessageId: null, code: "0" });
    for (const none of [null, undefined, "", 7]) expect(outcome(none).kind).toBe("unknown");
  });
});

describe("a vendor's words", () => {
  it("lose numbers of four digits or more, in any script", () => {
    expect(detailOf("limit 100, number +8613800138000 (１３８００１３８０００), code 2468.")).toBe(
      "limit 100, number +… (…), code ….",
    );
  });

  it("stay on one line and well formed", () => {
    expect(detailOf("one\r\ntwo\tthree\u0000four\ud83d")).toBe("one two three four\ufffd");
  });

  it("are cut at 200 characters, before a word that would not end", () => {
    expect(detailOf("文".repeat(300))).toBe("文".repeat(200));
    expect(detailOf(`${"文".repeat(190)} half-a-secret and more`)).toBe(`${"文".repeat(190)} `);
  });

  it.each([undefined, null, 7, {}, ["x"]])("are none in %j", (message) => {
    expect(detailOf(message)).toBe("");
  });
});
