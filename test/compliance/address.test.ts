import { describe, expect, it } from "vitest";
import { countedAs } from "../../src/access/address.ts";
import { addressDefaults, addressVerdict } from "../../src/compliance/address.ts";
import { NOW, someSends } from "./builders.ts";

const judge = (sends: ReturnType<typeof someSends>, number = "new") =>
  addressVerdict({ sends, number, blockedUntil: 0 }, addressDefaults, NOW);

describe("an address", () => {
  it("may ask for eight numbers an hour, and for one of them again", () => {
    expect(judge(someSends(7, 10_000))).toBeNull();
    expect(judge(someSends(8, 10_000))).toMatchObject({ demand: "challenge" });
    expect(judge(someSends(8, 10_000), "number-3")).toBeNull();
    expect(judge(someSends(8, 3_600_000))).toBeNull();
  });

  it("is free again when the oldest number is an hour old", () => {
    const sends = someSends(8, 60_000);
    expect(judge(sends)?.until).toBe((sends[0]?.at ?? 0) + 3_600_000);
  });

  it("asks ten times a minute and thirty times an hour at most", () => {
    const once = { number: "one" };
    expect(judge(someSends(9, 1_000, once), "one")).toBeNull();
    expect(judge(someSends(10, 1_000, once), "one")).toMatchObject({
      demand: "limit",
      until: NOW + 50_000,
    });
    expect(judge(someSends(29, 60_000, once), "one")).toBeNull();
    expect(judge(someSends(30, 60_000, once), "one")).toMatchObject({
      demand: "limit",
      until: NOW + 1_800_000,
    });
  });
});

describe("what an address is counted under", () => {
  it.each([
    ["192.0.2.1", "::ffff:192.0.2.1", true],
    ["192.0.2.1", "::FFFF:c000:201", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["2001:db8::1", "2001:0DB8:0:0:ffff::2", true],
    ["2001:db8::1", "2001:db8:0:1::1", false],
    ["0.0.0.1", "::1", false],
  ])("is the same for %s and %s: %s", (a, b, same) => {
    expect(countedAs(a) === countedAs(b)).toBe(same);
    expect(countedAs(a)).not.toBeNull();
  });

  it.each(["", "192.0.2", "192.0.2.256", "192.0.2.1, 192.0.2.2", "fe80::1%eth0"])(
    "is nothing for %j",
    (text) => {
      expect(countedAs(text)).toBeNull();
    },
  );
});
