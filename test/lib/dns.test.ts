import { describe, expect, it } from "vitest";
import { dnsOverHttps } from "../../src/lib/dns.ts";

const SERVER = "https://dns.test/dns-query";
const ANSWERS: Readonly<Record<string, object>> = {
  "hooks.example 1": {
    Answer: [
      { type: 5, data: "edge.example." },
      { type: 1, data: "93.184.216.34" },
    ],
  },
  "hooks.example 28": { Answer: [{ type: 28, data: "2606:4700::1" }] },
  "nowhere.example 1": { Status: 3 },
  "nowhere.example 28": { Status: 3 },
  "half.example 1": { Answer: [{ type: 1, data: "93.184.216.34" }] },
};

const resolve = dnsOverHttps(async (url, init) => {
  expect(new Headers(init.headers).get("Accept")).toBe("application/dns-json");
  const { origin, pathname, searchParams } = new URL(url);
  expect(origin + pathname).toBe(SERVER);
  const answer = ANSWERS[`${searchParams.get("name")} ${searchParams.get("type")}`];
  return answer ? Response.json(answer) : new Response("", { status: 502 });
}, SERVER);

describe("a name", () => {
  it("has the addresses of both kinds, and nothing else that the answer tells", async () => {
    expect(await resolve("hooks.example")).toEqual(["93.184.216.34", "2606:4700::1"]);
  });

  it("that does not exist has none, nor one that was only half answered", async () => {
    expect(await resolve("nowhere.example")).toEqual([]);
    expect(await resolve("half.example")).toEqual([]);
  });

  it("is asked for over one connection at a time", async () => {
    let [open, most] = [0, 0];
    const counted = dnsOverHttps(async () => {
      most = Math.max(most, ++open);
      await scheduler.wait(5);
      open--;
      return Response.json({ Answer: [] });
    }, SERVER);
    await counted("hooks.example");
    expect(most).toBe(1);
  });
});
