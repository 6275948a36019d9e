import { describe, expect, it } from "vitest";
import { isFromOwnPage, ownOrigins } from "../../src/access/origin.ts";

const ORIGINS = ownOrigins("https://console.shop.example/");

describe("a request that a browser signs by itself", () => {
  it.each([
    [{ Origin: "https://console.shop.example" }, true],
    [{ Origin: "https://console.shop.example", "Sec-Fetch-Site": "cross-site" }, true],
    [{ "Sec-Fetch-Site": "same-origin" }, true],
    [{}, false],
    [{ Origin: "null", "Sec-Fetch-Site": "same-origin" }, false],
    [{ Origin: "https://evil.example", "Sec-Fetch-Site": "same-origin" }, false],
    [{ Origin: "https://console.shop.example.evil.example" }, false],
    [{ Origin: "http://console.shop.example" }, false],
    [{ Origin: "https://console.shop.example:8443" }, false],
    [{ "Sec-Fetch-Site": "same-site" }, false],
    [{ "Sec-Fetch-Site": "none" }, false],
    [{ Origin: "https://evil.example", "Content-Type": "application/json" }, false],
  ])("with %j comes from our own page: %j", (headers, expected) => {
    expect(isFromOwnPage(new Headers(headers as Record<string, string>), ORIGINS)).toBe(expected);
  });
});

describe("one's own machine", () => {
  it("has three names, at its own port alone", () => {
    expect(ownOrigins("http://127.0.0.1:8787")).toEqual([
      "http://127.0.0.1:8787",
      "http://localhost:8787",
      "http://[::1]:8787",
    ]);
  });
});
