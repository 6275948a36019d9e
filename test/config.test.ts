import { describe, expect, it } from "vitest";
import { readConfig } from "../src/config.ts";

const good = {
  ROOT_KEY: "r".repeat(32),
  IDENTITY_KEY: "i",
  DATA_KEYS: "d",
  PUBLIC_ORIGIN: "https://sms.example",
  SIMULATOR_ORIGIN: "",
  CLOCK_OFFSET_SECONDS: "0",
  ALLOW_LOCAL_TARGETS: "",
  RUNS_ON: "cloudflare",
};

describe("the configuration", () => {
  it.each([
    { CLOCK_OFFSET_SECONDS: "1" },
    { ALLOW_LOCAL_TARGETS: "127.0.0.1:1" },
    { SIMULATOR_ORIGIN: "http://127.0.0.1:8788" },
  ])("refuses %j anywhere but on one's own machine", (change) => {
    expect(() => readConfig({ ...good, ...change })).toThrow("one's own machine");
    expect(readConfig({ ...good, ...change, RUNS_ON: "local" })).toBeDefined();
  });

  it("takes a relay's secret, or none, but no short one", () => {
    expect(readConfig(good).RELAY_SECRET).toBe("");
    expect(readConfig({ ...good, RELAY_SECRET: "s".repeat(32) })).toBeDefined();
    expect(() => readConfig({ ...good, RELAY_SECRET: "s".repeat(31) })).toThrow("RELAY_SECRET");
  });

  it("names what is wrong and never shows it", () => {
    expect(readConfig(good).CLOCK_OFFSET_SECONDS).toBe(0);
    const short = () => readConfig({ ...good, ROOT_KEY: "short-secret" });
    expect(short).toThrow("ROOT_KEY");
    expect(short).not.toThrow("short-secret");
  });
});
