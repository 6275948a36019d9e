import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { createServer as createSocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfSigned } from "./certificate.ts";
import { ask, listen, type RelayProcess, startRelay, startVendor, type Vendor } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "hongyan-relay-"));
const trusted = selfSigned();

let plain: Vendor;
let secure: Vendor;
let stranger: Vendor;
/** Hangs up on whoever has written to it. */
const rude = createSocketServer((socket) => socket.once("data", () => socket.destroy()));
/** Answers the first request of a connection, and hangs up at the second. */
const tired = createSocketServer((socket) => {
  socket.once("data", () => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    socket.once("data", () => socket.destroy());
  });
});
let rudeOrigin = "";
let tiredOrigin = "";
let closedOrigin = "";
let relay: RelayProcess;

beforeAll(async () => {
  plain = await startVendor((request, response) => {
    switch (request.url) {
      case "/moved":
        return response.writeHead(307, { location: `${plain.origin}/elsewhere` }).end();
      case "/long":
        return response.end("x".repeat(300 * 1024));
      case "/cut":
        return response.write("half", () => response.destroy());
      case "/forged":
        return response.writeHead(200, { "x-relay-error": "bad-signature" }).end("{}");
      default:
        return response
          .writeHead(418, { "x-acs-retry-after": "7", "content-type": "text/x-receipt" })
          .end("回执");
    }
  });
  secure = await startVendor((_, response) => response.end("safe"), createTlsServer(trusted));
  stranger = await startVendor((_, response) => response.end(), createTlsServer(selfSigned()));
  rudeOrigin = `http://127.0.0.1:${(await listen(rude)).port}`;
  tiredOrigin = `http://127.0.0.1:${(await listen(tired)).port}`;
  const gone = await startVendor(() => {});
  gone.close();
  closedOrigin = gone.origin;
  const certificate = join(folder, "certificate.pem");
  writeFileSync(certificate, trusted.cert);
  const origins = [
    plain.origin,
    secure.origin,
    stranger.origin,
    rudeOrigin,
    tiredOrigin,
    closedOrigin,
  ];
  relay = await startRelay({ RELAY_ALLOW: origins.join(), NODE_EXTRA_CA_CERTS: certificate });
});
afterAll(async () => {
  await relay.stop();
  for (const one of [plain, secure, stranger, rude, tired]) one.close();
  rmSync(folder, { recursive: true });
});

const marks = ({ status, headers }: Response) => [
  status,
  headers.get("x-relay-answer"),
  headers.get("x-relay-error"),
];

describe("a request through a relay", () => {
  it("reaches the vendor byte for byte, with nothing of ours beside it", async () => {
    const body = "PhoneNumbers=%2B86&Text=【鸿雁】\u0000 %20+";
    await ask(
      relay,
      {
        url: `${plain.origin}/?Action=Send%20Sms&b=*%2F~&a=1`,
        headers: { "x-acs-date": "2026-11-23T07:13:21Z", host: "elsewhere.example", te: "gzip" },
        body,
      },
      { headers: { "x-forwarded-for": "203.0.113.9", cookie: "ours=1" } },
    );
    const [request] = plain.requests;
    expect(request?.line).toBe("POST /?Action=Send%20Sms&b=*%2F~&a=1");
    expect(request?.body).toBe(body);
    expect(request?.headers.map((line) => line.toLowerCase()).sort()).toEqual([
      "connection: keep-alive",
      `content-length: ${Buffer.byteLength(body)}`,
      `host: ${new URL(plain.origin).host}`,
      "x-acs-date: 2026-11-23t07:13:21z",
    ]);
  });

  it("brings the vendor's status, headers and body back, marked as the vendor's", async () => {
    const answer = await ask(relay, { method: "GET", url: `${plain.origin}/` });
    expect(marks(answer)).toEqual([418, "vendor", null]);
    expect(answer.headers.get("x-acs-retry-after")).toBe("7");
    expect(answer.headers.get("content-type")).toBe("text/x-receipt");
    expect(await answer.text()).toBe("回执");
  });

  it("goes over TLS to a vendor whose certificate is good", async () => {
    const answer = await ask(relay, { url: `${secure.origin}/` });
    expect(marks(answer)).toEqual([200, "vendor", null]);
    expect(await answer.text()).toBe("safe");
  });

  it("is not made again where a redirect points", async () => {
    const answer = await ask(relay, { url: `${plain.origin}/moved` });
    expect(marks(answer)).toEqual([307, "vendor", null]);
    expect(plain.requests.map(({ line }) => line)).not.toContain("POST /elsewhere");
  });

  it("can't be called a refusal of the relay by a vendor", async () => {
    const answer = await ask(relay, { url: `${plain.origin}/forged` });
    expect(marks(answer)).toEqual([200, "vendor", null]);
  });
});

describe("a vendor that can't be reached", () => {
  it("was sent nothing, at a closed port", async () => {
    const answer = await ask(relay, { url: `${closedOrigin}/` });
    expect(marks(answer)).toEqual([502, null, "vendor-unreachable"]);
  });

  it("was sent nothing, behind a certificate that nobody knows", async () => {
    const answer = await ask(relay, { url: `${stranger.origin}/`, body: "secret" });
    expect(marks(answer)).toEqual([502, null, "vendor-unreachable"]);
    expect(stranger.requests).toEqual([]);
  });

  it("leaves open what it did once it was written to", async () => {
    const answer = await ask(relay, { url: `${rudeOrigin}/` });
    expect(marks(answer)).toEqual([504, null, null]);
  });

  it("leaves open what it did on a connection that had served before", async () => {
    expect(marks(await ask(relay, { url: `${tiredOrigin}/` }))).toEqual([200, "vendor", null]);
    expect(marks(await ask(relay, { url: `${tiredOrigin}/` }))).toEqual([504, null, null]);
  });

  it.each(["/cut", "/long"])("leaves open what it did when its answer is %s", async (path) => {
    const answer = await ask(relay, { url: plain.origin + path });
    expect(marks(answer)).toEqual([504, null, null]);
  });

  it("is told of in the relay's own lines, by its origin and no more", async () => {
    await ask(relay, { url: `${closedOrigin}/?PhoneNumbers=13800138000` });
    const told = relay.lines.filter((line) => line.startsWith("{"));
    expect(told.join("\n")).toContain(
      `{"event":"refused","refusal":"vendor-unreachable","origin":"${closedOrigin}","cause":"ECONNREFUSED"}`,
    );
    expect(told.join("\n")).not.toContain("13800138000");
  });
});
