import { describe, expect, it } from "vitest";
import { deviceDefaults, deviceVerdict } from "../../src/compliance/device.ts";
import { failedChecksDefaults, failedChecksVerdict } from "../../src/compliance/failed-checks.ts";
import { humanDefaults, humanVerdict } from "../../src/compliance/human.ts";
import { networkDefaults, networkVerdict } from "../../src/compliance/network.ts";
import { NOW, someSends } from "./builders.ts";

describe("a device", () => {
  it("asks for five numbers a day", () => {
    const judge = (count: number, number = "new") =>
      deviceVerdict({ sends: someSends(count, 3_600_000), number }, deviceDefaults, NOW);
    expect(judge(4)).toBeNull();
    expect(judge(5)).toMatchObject({ demand: "challenge", until: NOW + 19 * 3_600_000 });
    expect(judge(5, "number-0")).toBeNull();
  });
});

describe("a network", () => {
  it("asks for two hundred numbers an hour", () => {
    const judge = (count: number) =>
      networkVerdict({ sends: someSends(count), number: "new" }, networkDefaults, NOW);
    expect(judge(199)).toBeNull();
    expect(judge(200)).toMatchObject({ demand: "challenge" });
  });
});

describe("wrong codes", () => {
  const judge = (ofAddress: number, wrong: number, all: number, ofNetwork = 0) =>
    failedChecksVerdict(
      {
        ofAddress: someSends(ofAddress),
        ofNetwork: someSends(ofNetwork),
        ofStorefront: [{ at: NOW - 60_000, wrong, all }],
      },
      failedChecksDefaults,
      NOW,
    );

  it("of one address are thirty an hour, over all its numbers", () => {
    expect(judge(29, 0, 0)).toBeNull();
    expect(judge(30, 0, 0)).toMatchObject({ demand: "challenge" });
  });

  it("of one network are three hundred an hour", () => {
    expect(judge(0, 0, 0, 299)).toBeNull();
    expect(judge(0, 0, 0, 300)).toMatchObject({ demand: "challenge" });
  });

  it("of a storefront are many and a large share", () => {
    expect(judge(0, 100, 101)).toBeNull();
    expect(judge(0, 101, 336)).toMatchObject({ demand: "challenge" });
    expect(judge(0, 101, 337)).toBeNull();
  });
});

describe("a purpose", () => {
  it("takes a challenge where it is listed", () => {
    expect(humanVerdict({ purpose: "register" }, humanDefaults, NOW)).not.toBeNull();
    expect(humanVerdict({ purpose: "login" }, humanDefaults, NOW)).toBeNull();
  });
});
