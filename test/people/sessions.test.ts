import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { HOUR, MINUTE, SECOND } from "../../src/lib/time.ts";
import { openAuth } from "../../src/people/auth.ts";
import { isAlive, isFresh } from "../../src/people/person.ts";
import { aPerson, Browser, deps, PASSWORD, setSession, signedIn } from "./support.ts";

const NOW = Date.UTC(2026, 0, 1);
const { db, keys, clock, randomBytes, logError } = deps;

describe("a session", () => {
  it.each([
    [0, 0, true],
    [12 * HOUR - 1, 0, true],
    [12 * HOUR, 0, false],
    [HOUR, 30 * MINUTE - 1, true],
    [HOUR, 30 * MINUTE, false],
  ])("that began %i ms ago and was used %i ms ago holds: %j", (age, idle, expected) => {
    const session = { startedAt: NOW - age, seenAt: NOW - idle, authenticatedAt: NOW - age };
    expect(isAlive(session, NOW)).toBe(expected);
  });

  it("is fresh for five minutes after a proof", () => {
    expect([5 * MINUTE - 1, 5 * MINUTE].map((age) => isFresh(NOW - age, NOW))).toEqual([
      true,
      false,
    ]);
  });

  it.each([
    ["seen_at", 30 * MINUTE],
    ["started_at", 12 * HOUR],
  ])("is over for us, and for better-auth, once %s is too long ago", async (column, age) => {
    const { person, browser } = await signedIn("viewer");
    expect((await browser.ask("GET", "/v1/session")).status).toBe(200);
    await setSession(person, column, clock.now() - age);
    expect((await browser.ask("GET", "/v1/session")).status).toBe(401);
    const auth = openAuth({ ...deps.people.routes, logError });
    const found = await auth.api.getSession({
      headers: new Headers({ Cookie: `hongyan.session=${browser.session}` }),
    });
    expect(found).toBeNull();
  });

  it("is kept awake by use, at most once a minute", async () => {
    const { person, browser } = await signedIn("viewer");
    const seenAt = () =>
      env.DB.prepare("SELECT seen_at FROM sessions WHERE user_id = ?")
        .bind(person.id)
        .first<number>("seen_at");
    const recent = clock.now() - 50 * SECOND;
    await setSession(person, "seen_at", recent);
    await browser.ask("GET", "/v1/session");
    expect(await seenAt()).toBe(recent);
    await setSession(person, "seen_at", clock.now() - 10 * MINUTE);
    await browser.ask("GET", "/v1/session");
    expect(await seenAt()).toBeGreaterThan(recent);
  });

  it("ends when the same browser signs in anew, and by signing out", async () => {
    const { person, browser } = await signedIn("viewer");
    const first = browser.session;
    await browser.signIn(person);
    const second = browser.session;
    const dead = new Browser();
    dead.session = first;
    expect((await dead.ask("GET", "/v1/session")).status).toBe(401);
    expect((await browser.ask("POST", "/auth/sign-out")).status).toBe(200);
    dead.session = second;
    expect((await dead.ask("GET", "/v1/session")).status).toBe(401);
  });

  it("is of no use without our signature, or with what the database holds", async () => {
    const { person, browser } = await signedIn("owner");
    const row = await env.DB.prepare("SELECT * FROM sessions WHERE user_id = ?")
      .bind(person.id)
      .first<Record<string, string>>();
    expect(browser.token).toHaveLength(43);
    expect(JSON.stringify(row)).not.toContain(browser.token);
    const thief = new Browser();
    for (const stolen of [browser.token, `${row?.token}${browser.session.slice(43)}`]) {
      thief.session = stolen;
      expect((await thief.ask("GET", "/v1/session")).status).toBe(401);
    }
  });

  it("has a cookie that other hosts can't set, over https", async () => {
    const person = await aPerson("viewer");
    const publicOrigin = "https://console.shop.example";
    const origins = [publicOrigin];
    const now = clock.now;
    const auth = openAuth({ db, keys, now, randomBytes, logError, publicOrigin, origins });
    const answer = await auth.handler(
      new Request(`${publicOrigin}/auth/sign-in/email`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Origin: publicOrigin },
        body: JSON.stringify({ email: person.email, password: PASSWORD }),
      }),
    );
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-hongyan\.session=\S+; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
  });
});

describe("signing in", () => {
  it("makes an old hash one of today's, and the password still holds", async () => {
    const person = await aPerson("viewer", {}, 10_000);
    const stored = () =>
      env.DB.prepare("SELECT password FROM credentials WHERE user_id = ?")
        .bind(person.id)
        .first<string>("password");
    expect(await stored()).toMatch(/^pbkdf2-sha256\$10000\$/);
    const browser = new Browser();
    expect((await browser.signIn(person)).status).toBe(200);
    expect(await stored()).toMatch(/^pbkdf2-sha256\$100000\$/);
    expect((await browser.signIn(person)).status).toBe(200);
  });

  it("reaches no path of better-auth but those that are named", async () => {
    const { browser } = await signedIn("owner");
    for (const path of ["/auth/get-session", "/auth/list-sessions", "/auth/ok"]) {
      expect((await browser.ask("GET", path)).status).toBe(404);
    }
    const body = { email: "new@shop.example", password: PASSWORD, name: "New" };
    expect((await browser.ask("POST", "/auth/sign-up/email", body)).status).toBe(404);
  });
});

describe("what takes a fresh proof", () => {
  const key = { name: "a key", mode: "live", scopes: ["messages:read"] };

  it("is refused to a person whose proof is old, until he shows it again", async () => {
    const { person, browser } = await signedIn("owner");
    expect((await browser.ask("POST", "/v1/api-keys", key)).status).toBe(201);
    await setSession(person, "authenticated_at", clock.now() - 5 * MINUTE);
    const refused = await browser.ask("POST", "/v1/api-keys", key);
    expect(refused.body).toMatchObject({ status: 403, detail: expect.stringContaining("step-up") });
    const session = await browser.ask("GET", "/v1/session");
    expect(session.body.is_fresh).toBe(false);
    expect(session.body.scopes).not.toContain("pii:read");

    const before = browser.session;
    const stepUp = (password: string) => browser.ask("POST", "/v1/session/step-up", { password });
    expect((await stepUp("another password")).status).toBe(401);
    expect((await stepUp(PASSWORD)).status).toBe(200);
    expect((await browser.ask("POST", "/v1/api-keys", key)).status).toBe(201);
    expect((await browser.ask("GET", "/v1/session")).body.scopes).toContain("pii:read");
    const old = new Browser();
    old.session = before;
    expect((await old.ask("GET", "/v1/session")).status).toBe(401);
  });

  it("shares its tries with signing in", async () => {
    const { person, browser } = await signedIn("owner");
    const wrong = { password: "another password" };
    for (let i = 0; i < 5; i++) await browser.ask("POST", "/v1/session/step-up", wrong);
    expect((await browser.ask("POST", "/v1/session/step-up", wrong)).status).toBe(429);
    expect((await new Browser().signIn(person)).status).toBe(429);
    const changed = { current_password: PASSWORD, new_password: "another, long enough" };
    expect((await browser.ask("POST", "/auth/change-password", changed)).status).toBe(429);
  });
});

describe("a changed password", () => {
  it("ends the other sessions, and holds from then on", async () => {
    const { person, browser } = await signedIn("viewer");
    const other = new Browser();
    await other.signIn(person);
    const change = { current_password: PASSWORD, new_password: "another, long enough" };
    expect((await browser.ask("POST", "/auth/change-password", change)).status).toBe(200);
    expect((await other.ask("GET", "/v1/session")).status).toBe(401);
    expect((await browser.ask("GET", "/v1/session")).status).toBe(200);
    expect((await other.signIn(person)).status).toBe(401);
  });
});

it("every token that was stored here is a hash, whichever way its session began", async () => {
  const { results } = await env.DB.prepare("SELECT token FROM sessions").all<{ token: string }>();
  expect(results.length).toBeGreaterThan(5);
  expect(results.filter(({ token }) => !/^[0-9A-HJKMNP-TV-Z]{32}$/.test(token))).toEqual([]);
});
