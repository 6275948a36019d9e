import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan, ROOT_KEY } from "./hongyan.ts";

const product = new Hongyan();
beforeAll(() => product.start());
afterAll(() => product.dispose());

const slug = (type: string) => type.replace("/problems/", "");

describe("a number", () => {
  it.each([
    ["+85512345", "a number that cannot exist"],
    ["13800138000x", "letters"],
    ["+8613800138000;ext=1", "an extension"],
    ["+8801234", "too short"],
    ["+861012345678", "a landline"],
    ["+8816123456789", "a satellite phone"],
    ["+19005550123", "a premium number"],
    ["١٣٨٠٠١٣٨٠٠٠", "Arabic digits"],
    ["+86138\u200b00138000", "a zero-width space"],
    ["+8613800138000\n", "a line feed"],
    ["1".repeat(33), "33 characters"],
    ["1".repeat(1000), "1,000 characters"],
    ["", "nothing"],
  ])("such as %j is refused: %s", async (to) => {
    const refused = await product.send(to);
    expect(refused.status).toBe(422);
    expect(slug(refused.body.type)).toBe("phone-invalid");
    expect(refused.body.errors[0].path).toBe("to");
    if (to.length > 4) expect(JSON.stringify(refused.body)).not.toContain(to.slice(1));
  });

  it("of a country that the storefront does not serve is refused after its validity", async () => {
    expect((await product.send("+447400123456")).status).toBe(201);
    const refused = await product.send("+4915112345678");
    expect(slug(refused.body.type)).toBe("country-not-allowed");
  });

  it("without a country code is read with the country given", async () => {
    const sent = await product.send("8123 4568", { country: "SG" });
    expect(sent.body.to).toBe("+65****4568");
    const refused = await product.send("13800138000", { country: "SG" });
    expect(slug(refused.body.type)).toBe("phone-invalid");
  });
});

describe("a request", () => {
  const raw = async (body: BodyInit, type = "application/json") => {
    const response = await fetch(`${product.api}/v1/verifications`, {
      method: "POST",
      headers: { Authorization: `Bearer ${ROOT_KEY}`, "Content-Type": type },
      body,
    });
    return {
      status: response.status,
      slug: slug(((await response.json()) as { type: string }).type),
    };
  };

  it.each([
    ["{", 400, "malformed-json"],
    ["", 400, "malformed-json"],
    ['{"to":1e999}', 422, "invalid-request"],
    ["null", 422, "invalid-request"],
    ["[]", 422, "invalid-request"],
    ['{"to":"+8613800138000"}', 422, "invalid-request"],
    ['{"to":"+8613800138000","purpose":"login","more":1}', 422, "invalid-request"],
    ['{"to":"+8613800138000","purpose":"shopping"}', 422, "invalid-request"],
    ['{"to":"\\ud800","purpose":"login"}', 422, "invalid-request"],
    ['{"to":"\\u0000","purpose":"login"}', 422, "invalid-request"],
    [`{"context":${'{"a":'.repeat(16)}1${"}".repeat(16)}}`, 422, "invalid-request"],
  ])("of %j is answered %i %s", async (body, status, type) => {
    expect(await raw(body)).toEqual({ status, slug: type });
  });

  it("of an endpoint that takes none may be left out or empty, and holds no field", async () => {
    const answers = async (init: RequestInit) => {
      const response = await fetch(`${product.api}/v1/verifications/vrf_1/cancel`, {
        method: "POST",
        ...init,
        headers: { Authorization: `Bearer ${ROOT_KEY}`, "Content-Type": "application/json" },
      });
      return response.status;
    };
    expect(await answers({})).toBe(404);
    expect(await answers({ body: "{}" })).toBe(404);
    expect(await answers({ body: '{"reason":"a"}' })).toBe(422);
    expect(await answers({ body: "{" })).toBe(400);
  });

  it("that is not UTF-8, or not JSON by its type, is refused", async () => {
    expect(await raw(new Uint8Array([0x7b, 0xff, 0x7d]))).toEqual({
      status: 400,
      slug: "malformed-json",
    });
    expect(await raw("{}", "text/plain")).toEqual({ status: 415, slug: "unsupported-media-type" });
    expect(await raw("a=b", "application/x-www-form-urlencoded")).toMatchObject({ status: 415 });
  });

  it("may be 256 KiB and not one byte more", async () => {
    const of = (size: number) => {
      const head = `{"to":"+8613800138000","purpose":"login","nonsense":"`;
      return `${head}${"x".repeat(size - head.length - 2)}"}`;
    };
    expect(await raw(of(256 * 1024))).toEqual({ status: 422, slug: "invalid-request" });
    expect(await raw(of(256 * 1024 + 1))).toEqual({ status: 413, slug: "payload-too-large" });
  });

  it("whose length header lies is measured by what comes", async () => {
    const url = new URL(product.api);
    const socket = connect(Number(url.port), url.hostname);
    socket.write(
      `POST /v1/verifications HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ROOT_KEY}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    socket.write(`${(300 * 1024).toString(16)}\r\n${"x".repeat(300 * 1024)}\r\n0\r\n\r\n`);
    const [head] = await new Promise<string[]>((resolve) =>
      socket.once("data", (part) => resolve(part.toString().split("\r\n"))),
    );
    socket.destroy();
    expect(head).toContain("413");
  });

  it.each([
    [undefined, "unauthorized"],
    ["Bearer", "unauthorized"],
    ["Bearer wrong", "unauthorized"],
    [`Basic ${ROOT_KEY}`, "unauthorized"],
    [`Bearer ${ROOT_KEY}x`, "unauthorized"],
    [`Bearer ${ROOT_KEY}, Bearer ${ROOT_KEY}`, "unauthorized"],
  ])("with the authorization %j is %s", async (authorization, type) => {
    const response = await fetch(`${product.api}/v1/messages`, {
      headers: authorization === undefined ? {} : { Authorization: authorization },
    });
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe("Bearer");
    expect(slug(((await response.json()) as { type: string }).type)).toBe(type);
  });

  it("with a credential in its URL is refused", async () => {
    const { secret } = (
      await product.post("/v1/api-keys", { name: "a", mode: "live", scopes: ["messages:read"] })
    ).body;
    for (const rest of [
      `?key=${ROOT_KEY}`,
      "?api_key=1",
      "?x=hy_live_0123_abc",
      `/${secret}`,
      `/${secret.replace("_", "%5f")}`,
    ]) {
      const refused = await product.request("GET", `/v1/messages${rest}`);
      expect(slug(refused.body.type)).toBe("credential-in-url");
      expect(JSON.stringify(refused.body)).not.toContain(ROOT_KEY);
    }
  });

  it("by a method that a path has not is told which it has", async () => {
    for (const [method, path, allow] of [
      ["DELETE", "/v1/verifications", "POST"],
      ["PATCH", "/v1/verification-settings", "GET, PUT"],
      ["POST", "/healthz", "GET"],
      ["GET", "/v1/verifications/check", "POST"],
      ["DELETE", "/v1/templates/preview", "POST"],
      ["POST", "/v1/verifications/vrf_x", "GET"],
    ] as const) {
      const refused = await product.request(method, path);
      expect(refused.status).toBe(405);
      expect(refused.headers.get("Allow")).toBe(allow);
    }
    expect((await product.request("GET", "/v1/nothing")).status).toBe(404);
  });

  it("for an id that was not made here finds nothing", async () => {
    const { id } = (await product.send(freshNumber())).body;
    const forged = `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}`;
    for (const unknown of [forged, "vrf_x", `${id}0`, id.toLowerCase()]) {
      expect((await product.request("GET", `/v1/verifications/${unknown}`)).status).toBe(404);
      const check = await product.post(`/v1/verifications/${unknown}/check`, { code: "1" });
      expect(check.status).toBe(404);
    }
  });

  it("for a list goes on from what the list handed out, and from nothing else", async () => {
    const { paths } = (await product.request("GET", "/openapi.json")).body;
    const lists = Object.keys(paths).filter(
      (path) =>
        !path.includes("{") &&
        paths[path].get?.parameters?.some((one: { name: string }) => one.name === "cursor"),
    );
    const named = ["/v1/content-rules/words", "/v1/products"];
    expect(lists.length).toBeGreaterThan(20);
    for (const path of lists) {
      const { status, body } = await product.request("GET", `${path}?cursor=zzz`);
      expect(status, path).toBe(named.includes(path) ? 200 : 422);
      if (status === 422) expect(body.errors, path).toMatchObject([{ path: "cursor" }]);
      const { data, next_cursor: cursor } = (await product.request("GET", `${path}?limit=1`)).body;
      if (cursor === null) continue;
      const next = await product.request("GET", `${path}?limit=1&cursor=${cursor}`);
      expect(next.status, `${path} ${cursor}`).toBe(200);
      expect(next.body.data[0], path).not.toEqual(data[0]);
    }
    const searched = await product.post("/v1/replies/search", { to: freshNumber(), cursor: "zzz" });
    expect(searched.body.errors).toMatchObject([{ path: "cursor" }]);
  });

  it("always gets an id, and the next good one works", async () => {
    const refused = await raw("{");
    expect(refused.status).toBe(400);
    const sent = await product.send(freshNumber());
    expect(sent.status).toBe(201);
    expect(sent.headers.get("X-Request-Id")).toMatch(/^req_/);
  });

  it.each(["", "x".repeat(256), "tab\tinside"])(
    "with the Idempotency-Key %j is refused",
    async (key) => {
      const refused = await product.send(freshNumber(), {}, { "Idempotency-Key": key });
      expect(refused.status).toBe(422);
    },
  );
});

describe("the reference", () => {
  it("documents every path and is rendered from our own assets", async () => {
    const document = (await product.request("GET", "/openapi.json")).body;
    expect(Object.keys(document.paths)).toContain("/v1/verifications/{id}/check");
    const page = await fetch(`${product.api}/docs`);
    const html = await page.text();
    expect(html).not.toMatch(/https?:\/\//);
    for (const [, asset] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await fetch(product.api + asset)).status, asset).toBe(200);
    }
  });

  it("explains each problem in both languages", async () => {
    const page = await (await fetch(`${product.api}/problems/cap-exceeded`)).text();
    expect(page).toContain("号码");
    expect((await fetch(`${product.api}/problems/nothing`)).status).toBe(404);
  });
});
