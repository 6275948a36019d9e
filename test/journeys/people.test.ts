import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { base32 } from "@better-auth/utils/base32";
import { createOTP } from "@better-auth/utils/otp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshNumber, Hongyan, type Reply } from "./hongyan.ts";

const product = new Hongyan();
beforeAll(() => product.start());
afterAll(() => product.dispose());

const PASSWORD = "a long 密码 that nobody guesses";
const slug = ({ body }: Reply) => body.type.replace("/problems/", "");
let names = 0;

/** A browser: it keeps cookies, and says which page a request comes from. */
class Browser {
  readonly cookies = new Map<string, string>();
  origin: string | null = product.api;

  async ask(method: string, path: string, body?: unknown, type = "application/json") {
    const response = await fetch(product.api + path, {
      method,
      headers: {
        Cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(this.origin === null ? {} : { Origin: this.origin }),
        ...(body === undefined ? {} : { "Content-Type": type }),
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const text = await response.text();
    const isJson = response.headers.get("Content-Type")?.includes("json");
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
  }

  signIn(email: string, password = PASSWORD) {
    return this.ask("POST", "/auth/sign-in/email", { email, password });
  }

  /** Of the session's cookie, without its signature. */
  get token(): string {
    return decodeURIComponent(this.cookies.get("hongyan.session") ?? "").split(".")[0] ?? "";
  }
}

async function invite(role: string) {
  const email = `person-${names++}@shop.example`;
  const made = await product.post("/v1/people", { email, name: "李雷", role });
  expect(made.status).toBe(201);
  return { email, id: made.body.id as string, token: made.body.invitation.token as string };
}

const accept = (token: string, password = PASSWORD) =>
  new Browser().ask("POST", "/v1/people/accept", { token, password });

/** Somebody who accepted and signed in. */
async function arrive(role: string) {
  const invited = await invite(role);
  expect((await accept(invited.token)).status).toBe(200);
  const browser = new Browser();
  expect((await browser.signIn(invited.email)).body).toEqual({ status: "signed-in" });
  return { ...invited, browser };
}

describe("a person", () => {
  it("is invited with the root key, sets a password once, and signs in", async () => {
    const { email, token } = await invite("owner");
    const stranger = new Browser();
    expect((await stranger.signIn(email)).status).toBe(401);
    expect(slug(await accept(token, "too short"))).toBe("invalid-request");
    const accepted = await Promise.all([1, 2, 3].map(() => accept(token)));
    expect(accepted.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    const browser = new Browser();
    const signedIn = await browser.signIn(email.toUpperCase());
    expect(signedIn.body).toEqual({ status: "signed-in" });
    const cookie = signedIn.headers.getSetCookie().find((line) => line.includes("session")) ?? "";
    expect(cookie).toMatch(/; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(browser.token).toMatch(/^[\w-]{43}$/);
    expect((await browser.ask("GET", "/v1/messages")).status).toBe(200);
    const session = await browser.ask("GET", "/v1/session");
    expect(session.body).toMatchObject({ kind: "person", email, role: "owner", is_fresh: true });
  });

  it("does what the role says, and nothing else", async () => {
    const { browser } = await arrive("viewer");
    expect((await browser.ask("GET", "/v1/templates")).status).toBe(200);
    expect(slug(await browser.ask("GET", "/v1/people"))).toBe("forbidden");
    const sent = await browser.ask("POST", "/v1/messages", {
      to: freshNumber(),
      template: "promo",
    });
    expect(slug(sent)).toBe("forbidden");
  });

  it("who is an owner invites others, a key with little makes no owner", async () => {
    const { browser } = await arrive("owner");
    const email = `person-${names++}@shop.example`;
    const made = await browser.ask("POST", "/v1/people", { email, name: "Han", role: "viewer" });
    expect(made.status).toBe(201);
    const { secret } = (
      await product.post("/v1/api-keys", { name: "k", mode: "live", scopes: ["people:write"] })
    ).body;
    const beyond = await product.request(
      "PATCH",
      `/v1/people/${made.body.id}`,
      { role: "owner" },
      { Authorization: `Bearer ${secret}` },
    );
    expect(slug(beyond)).toBe("forbidden");
  });

  it("who is disabled is out at once, and so is one whose role changed", async () => {
    const { browser, email, id } = await arrive("operator");
    const change = (body: object) => product.request("PATCH", `/v1/people/${id}`, body);
    expect((await browser.ask("GET", "/v1/messages")).status).toBe(200);
    expect((await change({ role: "marketer" })).status).toBe(200);
    expect((await browser.ask("GET", "/v1/messages")).status).toBe(401);
    await browser.signIn(email);
    expect((await browser.ask("GET", "/v1/session")).body.role).toBe("marketer");
    expect((await change({ disabled: true })).body.disabled).toBe(true);
    expect((await browser.ask("GET", "/v1/messages")).status).toBe(401);
    expect((await browser.signIn(email)).status).toBe(401);
  });

  it("is named in the audit log", async () => {
    const { browser, id } = await arrive("operator");
    const made = await browser.ask("POST", "/v1/senders", { name: "商城" });
    expect(made.status).toBe(201);
    const { body } = await product.request("GET", "/v1/audit?limit=20");
    const mine = body.data.filter((entry: { actor: { id: string } | string }) =>
      JSON.stringify(entry.actor).includes(id),
    );
    expect(mine.map((entry: { action: string }) => entry.action)).toEqual([
      "senders.create",
      "people.sign_in",
      "people.accept",
    ]);
    expect(JSON.stringify(mine)).toContain("李雷");
  });
});

describe("a request with a cookie", () => {
  it.each([
    ["https://evil.example", "application/json"],
    ["https://evil.example", "text/plain"],
    ["https://evil.example", "application/x-www-form-urlencoded"],
    ["null", "application/json"],
    [null, "application/json"],
  ])("from %s is refused, whatever it says it is (%s)", async (origin, type) => {
    const { browser } = await arrive("operator");
    browser.origin = origin;
    for (const path of ["/v1/messages/search", "/auth/sign-out", "/v1/session/step-up"]) {
      const refused = await browser.ask("POST", path, { to: freshNumber() }, type);
      expect(refused.status).toBe(403);
      expect(refused.headers.get("Access-Control-Allow-Origin")).toBeNull();
    }
    expect((await browser.ask("GET", "/v1/messages")).status).toBe(200);
  });

  it("is not taken for one with a key that is wrong", async () => {
    const { browser } = await arrive("operator");
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const wrong = { Authorization: "Bearer nothing", Cookie: cookie };
    expect((await product.request("GET", "/v1/messages", undefined, wrong)).status).toBe(401);
  });
});

describe("what lies on the disk", () => {
  it("is neither a session's token, nor an invitation's, nor a password", async () => {
    const { browser, token } = await arrive("viewer");
    const files = readdirSync(product.stateDirectory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
    const has = (text: string) => files.some((bytes) => bytes.includes(text));
    expect(has("@shop.example")).toBe(true);
    expect([browser.token, token, PASSWORD].map(has)).toEqual([false, false, false]);
  });
});

describe("signing in", () => {
  it("takes a one-time code from who set codes up, or one of those for a lost device", async () => {
    const { browser, email } = await arrive("owner");
    const before = browser.token;
    const enabled = await browser.ask("POST", "/auth/two-factor/enable", { password: PASSWORD });
    expect(enabled.status).toBe(200);
    const secret = new URL(enabled.body.totpURI).searchParams.get("secret") ?? "";
    const code = () => createOTP(base32.decode(secret)).totp();
    const verify = async (one: Browser, shown: string) =>
      one.ask("POST", "/auth/two-factor/verify-totp", { code: shown });
    expect((await verify(browser, await code())).status).toBe(200);
    expect(browser.token).not.toBe(before);

    const other = new Browser();
    expect((await other.signIn(email)).body).toEqual({ status: "code-needed" });
    expect((await other.ask("GET", "/v1/messages")).status).toBe(401);
    const wrong = String((Number(await code()) + 1) % 1_000_000).padStart(6, "0");
    expect((await verify(other, wrong)).status).toBe(401);
    expect((await verify(other, await code())).status).toBe(200);
    expect((await other.ask("GET", "/v1/session")).body).toMatchObject({ two_factor: true });

    const lost = new Browser();
    await lost.signIn(email);
    const [backup] = enabled.body.backupCodes;
    const use = (one: Browser) =>
      one.ask("POST", "/auth/two-factor/verify-backup-code", { code: backup });
    expect((await use(lost)).status).toBe(200);
    const again = new Browser();
    await again.signIn(email);
    expect((await use(again)).status).toBe(401);
    const stepped = await browser.ask("POST", "/v1/session/step-up", { totp: await code() });
    expect(stepped.status).toBe(200);
  });

  it("is tried five times, however many tries come at once", async () => {
    const { email } = await invite("viewer");
    const tried = await Promise.all(
      Array.from({ length: 60 }, () => new Browser().signIn(email, "not the password")),
    );
    const statuses = tried.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(5);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    const refused = tried.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get("Retry-After"))).toBeGreaterThan(20);
  });
});
