import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RelayAccess, toRelay } from "../../src/providers/relay.ts";
import { Doorkeeper, WINDOW_MS } from "../../src/relay/doorkeeper.ts";
import {
  access,
  ask,
  type RelayProcess,
  SECRET,
  startRelay,
  startVendor,
  type Vendor,
} from "./support.ts";

const MINUTE = 60_000;

let vendor: Vendor;
let relay: RelayProcess;

beforeAll(async () => {
  vendor = await startVendor((_, response) => response.end("taken"));
  relay = await startRelay({ RELAY_ALLOW: vendor.origin });
});
afterAll(async () => {
  await relay.stop();
  vendor.close();
});

const url = () => `${vendor.origin}/`;
const refusalOf = async (answer: Response) => [
  answer.status,
  answer.headers.get("x-relay-error"),
  await answer.text(),
];

describe("a relay forwards nothing", () => {
  it("under another secret", async () => {
    const by = access(SECRET.toUpperCase());
    const answer = await ask(relay, { url: url() }, { by });
    expect(await refusalOf(answer)).toEqual([401, "bad-signature", "bad-signature"]);
  });

  it("without a signature", async () => {
    const answer = await fetch(`${relay.origin}/forward`, { method: "POST", body: "{}" });
    expect(await refusalOf(answer)).toEqual([401, "bad-signature", "bad-signature"]);
  });

  it.each(["x-relay-timestamp", "x-relay-nonce", "x-relay-digest", "x-relay-signature"])(
    "with another %s than was signed",
    async (name) => {
      const length = name === "x-relay-timestamp" ? 13 : 64;
      const headers = { [name]: "1".repeat(length) };
      const answer = await ask(relay, { url: url() }, { headers });
      expect(await refusalOf(answer)).toEqual([401, "bad-signature", "bad-signature"]);
    },
  );

  it("of another body than was signed", async () => {
    const body = JSON.stringify({ method: "POST", url: url(), headers: {}, body: "other" });
    const answer = await ask(relay, { url: url() }, { body });
    expect(await refusalOf(answer)).toEqual([401, "bad-signature", "bad-signature"]);
  });

  it.each([
    ["six minutes ahead", 6 * MINUTE],
    ["ten minutes old", -10 * MINUTE],
    ["from a minute before it started, within the window", -MINUTE],
  ])("that is %s", async (_, offset) => {
    const answer = await ask(relay, { url: url() }, { by: access(SECRET, Date.now() + offset) });
    expect(await refusalOf(answer)).toEqual([401, "stale-timestamp", "stale-timestamp"]);
  });

  it("to hosts that it does not know, be they near or far", async () => {
    const { port } = new URL(vendor.origin);
    for (const target of [
      "https://example.com/",
      "https://dysmsapi.aliyuncs.com.example.com/",
      "https://dysmsapi.aliyuncs.com:8443/",
      "https://dysmsapi.aliyuncs.com@example.com/",
      "https://me:secret@dysmsapi.aliyuncs.com/",
      `http://localhost:${port}/`,
      `http://[::1]:${port}/`,
      "http://169.254.169.254/latest/meta-data/",
      "file:///etc/passwd",
    ]) {
      const answer = await ask(relay, { url: target });
      expect([target, answer.headers.get("x-relay-error")]).toEqual([target, "target-not-allowed"]);
    }
  });

  it("to a vendor's host without TLS", async () => {
    const answer = await ask(relay, { url: "http://dysmsapi.aliyuncs.com/" });
    expect(await refusalOf(answer)).toEqual([403, "target-not-allowed", "target-not-allowed"]);
  });

  it("of more than a mebibyte", async () => {
    const answer = await ask(relay, { url: url(), body: "x".repeat(1024 * 1024) });
    expect(await refusalOf(answer)).toEqual([413, "too-large", "too-large"]);
  });

  it.each([
    ["a method of its own", { method: "DELETE" as never }],
    ["a header that is two", { headers: { "x-a": "1\r\nx-b: 2" } }],
    ["a header without a name", { headers: { "x a": "1" } }],
    ["no URL", { url: "dysmsapi.aliyuncs.com" }],
  ])("with %s", async (_, change) => {
    const answer = await ask(relay, { url: url(), ...change });
    expect(await refusalOf(answer)).toEqual([400, "bad-envelope", "bad-envelope"]);
  });

  it("anywhere but at its one path", async () => {
    const answer = await fetch(`${relay.origin}/`, { method: "POST" });
    expect(await refusalOf(answer)).toEqual([404, "not-found", "not-found"]);
  });

  it("and so the vendor saw none of all these", async () => {
    expect(vendor.requests).toEqual([]);
    expect((await ask(relay, { url: url() })).status).toBe(200);
    expect(vendor.requests).toHaveLength(1);
  });
});

describe("a nonce that comes back", () => {
  it("is refused without a word on what became of the first", async () => {
    const request = { method: "POST", url: url(), headers: {}, body: "once" } as const;
    const { body, ...wired } = toRelay(access(), relay.origin, request);
    const send = () => fetch(wired.url, { ...wired, body });
    const before = vendor.requests.length;
    expect(await (await send()).text()).toBe("taken");
    const again = await send();
    expect(await refusalOf(again)).toEqual([409, null, "replayed-nonce"]);
    expect(again.headers.get("x-relay-answer")).toBe(null);
    expect(vendor.requests).toHaveLength(before + 1);
  });

  it("is known for as long as its time lets it in", () => {
    const request = { method: "GET", url: "", headers: {}, body: "" } as const;
    const headersBy = (by: RelayAccess) => toRelay(by, relay.origin, request).headers;
    const now = Date.now();
    const keeper = new Doorkeeper(SECRET, now);
    const fromAhead = headersBy(access(SECRET, now + WINDOW_MS));
    expect(keeper.admit(fromAhead, now)).toMatchObject({ ok: true });
    for (let at = now; at <= now + 2 * WINDOW_MS; at += MINUTE) {
      expect(keeper.admit(headersBy(access(SECRET, at)), at)).toMatchObject({ ok: true });
      expect(keeper.admit(fromAhead, at)).toEqual({ ok: false, error: "replayed-nonce" });
    }
    const late = keeper.admit(fromAhead, now + 2 * WINDOW_MS + 1);
    expect(late).toEqual({ ok: false, error: "stale-timestamp" });
  });
});
