import { describe, expect, it } from "vitest";
import {
  admits,
  connectingAddress,
  countedAs,
  isAddressBlock,
  liesWithin,
} from "../../src/access/address.ts";

describe("a block of addresses", () => {
  it.each([
    "203.0.113.7",
    "203.0.113.0/24",
    "0.0.0.0/0",
    "10.0.0.1/32",
    "2001:db8::",
    "2001:db8::/32",
    "::/0",
    "::1/128",
    "::ffff:203.0.113.7",
  ])("is %s", (text) => {
    expect(isAddressBlock(text)).toBe(true);
  });

  it.each([
    "",
    "localhost",
    "203.0.113.7/24",
    "203.0.113.0/33",
    "203.0.113.0/024",
    "203.0.113.0/",
    "203.0.113.0/24/24",
    "203.0.113.0/-1",
    "0203.0.113.7",
    "203.0.113",
    "203.0.113.256",
    " 203.0.113.7",
    "2001:db8::1/32",
    "2001:db8::/129",
    "fe80::1%eth0",
    "::ffff:203.0.113.0/120",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
  ])("is not %j", (text) => {
    expect(isAddressBlock(text)).toBe(false);
  });
});

describe("an address", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["203.0.113.0/24", "203.0.113.255"],
    ["203.0.113.128/25", "203.0.113.200"],
    ["0.0.0.0/0", "255.255.255.255"],
    ["203.0.113.7", "::ffff:203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["203.0.113.0/24", "::ffff:cb00:7107"],
    ["2001:db8::/32", "2001:db8:ffff::1"],
    ["2001:DB8::1", "2001:0db8:0:0:0:0:0:1"],
    ["2001:db8::/33", "2001:db8:7fff::"],
    ["::/0", "2001:db8::1"],
  ])("of %s is %s", (block, address) => {
    expect(admits([block], address)).toBe(true);
  });

  it.each([
    ["203.0.113.7", "203.0.113.8"],
    ["203.0.113.0/24", "203.0.114.0"],
    ["203.0.113.128/25", "203.0.113.127"],
    ["0.0.0.0/0", "2001:db8::1"],
    ["::/0", "203.0.113.7"],
    ["2001:db8::/33", "2001:db8:8000::"],
    ["203.0.113.7", "203.0.113.7, 203.0.113.7"],
    ["0.0.0.0/0", "nowhere"],
    ["0.0.0.0/0", ""],
    ["0.0.0.0/0", null],
  ])("of %s is not %j", (block, address) => {
    expect(admits([block], address)).toBe(false);
  });

  it("is looked for in every block of a list", () => {
    const list = ["203.0.113.7", "2001:db8::/32"];
    expect(admits(list, "2001:db8::9")).toBe(true);
    expect(admits(list, "198.51.100.1")).toBe(false);
  });
});

describe("a block", () => {
  it.each([
    ["10.1.0.0/16", true],
    ["10.0.0.0/8", true],
    ["10.2.3.4", true],
    ["203.0.113.7", true],
    ["0.0.0.0/0", false],
    ["203.0.113.0/24", false],
    ["11.0.0.0/16", false],
    ["::/0", false],
    ["2001:db8:1::/48", true],
    ["2001:db8::/31", false],
    ["10.0.0.1/8", false],
  ])("%s lies within the others: %s", (block, lies) => {
    expect(liesWithin(["203.0.113.7", "10.0.0.0/8", "2001:db8::/32"], block)).toBe(lies);
  });
});

describe("where a request comes from", () => {
  const from = (clientIp: string, headers: Record<string, string> = {}) =>
    new Request("https://sms.example/", { headers, cf: { clientIp } as never });

  it.each([
    ["203.0.113.7:51234", "203.0.113.7"],
    ["[2001:db8::1]:51234", "2001:db8::1"],
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8::1", "2001:db8::1"],
  ])("is the socket's end %s where no proxy stands before it", (end, address) => {
    const forged = { "CF-Connecting-IP": "198.51.100.1", "X-Forwarded-For": "198.51.100.1" };
    expect(connectingAddress(from(end, forged), "none")).toBe(address);
  });

  it("is what the trusted header says, and no other one", () => {
    const request = from("203.0.113.7:1", {
      "CF-Connecting-IP": "198.51.100.1",
      "X-Real-IP": " 198.51.100.2 ",
    });
    expect(connectingAddress(request, "cloudflare")).toBe("198.51.100.1");
    expect(connectingAddress(request, "header:X-Real-IP")).toBe("198.51.100.2");
    expect(connectingAddress(request, "header:X-Forwarded-For")).toBeNull();
  });

  it("is not known when the header names several", () => {
    const request = from("203.0.113.7:1", { "X-Forwarded-For": "198.51.100.1, 198.51.100.2" });
    expect(connectingAddress(request, "header:X-Forwarded-For")).toBeNull();
  });

  it("is not known when there is no socket to ask", () => {
    expect(connectingAddress(new Request("https://sms.example/"), "none")).toBeNull();
  });
});

describe("an address that is counted", () => {
  it.each([
    "198.51.100.7",
    "::ffff:198.51.100.7",
    "::FFFF:C633:6407",
    "::198.51.100.7",
    "::ffff:0:198.51.100.7",
    "64:ff9b::198.51.100.7",
    "2002:c633:6407::1",
    "2002:c633:6407:8:9::1",
  ])("is one for all its spellings: %s", (text) => {
    expect(countedAs(text)).toBe(countedAs("198.51.100.7"));
  });

  it("of IPv6 is its /64", () => {
    expect(countedAs("2001:db8:1:2::1")).toBe(countedAs("2001:DB8:1:2:ffff::"));
    expect(countedAs("2001:db8:1:2::1")).not.toBe(countedAs("2001:db8:1:3::1"));
    expect(countedAs("::1")).toBe(countedAs("::"));
    expect(countedAs("no address")).toBeNull();
  });
});
