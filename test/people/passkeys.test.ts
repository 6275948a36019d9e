import { expect, it } from "vitest";
import { changePerson } from "../../src/people/store.ts";
import { Authenticator } from "./authenticator.ts";
import { Browser, deps, setSession, signedIn } from "./support.ts";

const ORIGIN = "http://hongyan.test";

async function register(browser: Browser, key: Authenticator) {
  const { body: options } = await browser.ask("GET", "/auth/passkey/generate-register-options");
  const response = key.create(options, ORIGIN);
  return browser.ask("POST", "/auth/passkey/verify-registration", { response, name: "laptop" });
}

async function signInWith(key: Authenticator, origin = ORIGIN) {
  const browser = new Browser();
  const path = "/auth/passkey/generate-authenticate-options";
  const { body: options } = await browser.ask("GET", path);
  const body = { response: key.get(options, origin) };
  const show = () => browser.ask("POST", "/auth/passkey/verify-authentication", body);
  return { browser, options, show, answer: await show() };
}

it("a passkey signs in by itself, once a challenge", async () => {
  const { person, browser } = await signedIn("owner");
  const key = new Authenticator();
  expect((await register(browser, key)).status).toBe(200);
  const listed = await browser.ask("GET", "/auth/passkey/list-user-passkeys");
  expect(listed.body.data).toMatchObject([{ name: "laptop" }]);
  const { browser: other, options, show, answer } = await signInWith(key);
  expect(options).toMatchObject({ rpId: "hongyan.test", userVerification: "required" });
  expect(answer).toEqual({ status: 200, body: { status: "signed-in" } });
  expect((await other.ask("GET", "/v1/session")).body).toMatchObject({ id: person.id });
  expect((await show()).status).toBe(401);
});

it("a passkey that saw another site's page does not sign in", async () => {
  const { browser } = await signedIn("owner");
  const key = new Authenticator();
  await register(browser, key);
  expect((await signInWith(key, "https://evil.example")).answer.status).toBe(401);
});

it("a key that asks for a touch alone is neither kept nor let in", async () => {
  const { browser } = await signedIn("owner");
  const key = new Authenticator();
  key.verifies = false;
  expect((await register(browser, key)).status).toBe(401);
  expect((await browser.ask("GET", "/auth/passkey/list-user-passkeys")).body.data).toEqual([]);
  key.verifies = true;
  await register(browser, key);
  key.verifies = false;
  expect((await signInWith(key)).answer.status).toBe(401);
});

it("a passkey of who is shut out signs nobody in", async () => {
  const { person, browser } = await signedIn("viewer");
  const key = new Authenticator();
  await register(browser, key);
  await changePerson(deps.db, person.id, { disabledAt: deps.clock.now() });
  expect((await signInWith(key)).answer.status).toBe(401);
});

it("what is no passkey at all is refused, not a fault of ours", async () => {
  const { browser } = await signedIn("viewer");
  await browser.ask("GET", "/auth/passkey/generate-register-options");
  const body = { response: { id: "a", rawId: "a", type: "public-key", response: {} } };
  expect((await browser.ask("POST", "/auth/passkey/verify-registration", body)).status).toBe(401);
});

it("a passkey is added by who has just shown who he is", async () => {
  const { person, browser } = await signedIn("owner");
  await setSession(person, "authenticated_at", deps.clock.now() - 300_000);
  expect((await browser.ask("GET", "/auth/passkey/generate-register-options")).status).toBe(403);
});
