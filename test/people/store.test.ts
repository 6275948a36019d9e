import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { HOUR } from "../../src/lib/time.ts";
import { INVITATION_MS, type Person } from "../../src/people/person.ts";
import {
  acceptInvitation,
  changePerson,
  createPerson,
  invite,
  pagePeople,
  readPasswordHash,
} from "../../src/people/store.ts";
import { Authenticator } from "./authenticator.ts";
import { aPerson, Browser, deps, signedIn } from "./support.ts";

const { db } = deps;
const NOW = Date.UTC(2026, 0, 1);
let names = 0;

const invited = async (change: Partial<Person> = {}) => {
  const name = `invited-${names++}`;
  const person: Person = {
    id: `usr_${name}`,
    email: `${name}@shop.example`,
    name,
    role: "viewer",
    storefront: null,
    disabledAt: null,
    invitedUntil: null,
    twoFactorEnabled: false,
    createdAt: NOW,
    ...change,
  };
  const invitation = { hash: `hash-${name}`, until: NOW + INVITATION_MS };
  const made = await createPerson(db, person, `credential_${name}`, invitation);
  return { person, token: invitation.hash, made };
};

beforeEach(() => env.DB.prepare("DELETE FROM people").run());

describe("an invitation", () => {
  it("is good for a day, once, and for nobody who is disabled", async () => {
    const { token: over } = await invited();
    expect(await acceptInvitation(db, over, "h", NOW + 24 * HOUR)).toBeNull();
    const { person, token } = await invited();
    const accepted = await Promise.all(
      ["a", "b", "c"].map((hash) => acceptInvitation(db, token, hash, NOW + 24 * HOUR - 1)),
    );
    expect(accepted.filter((one) => one?.id === person.id)).toHaveLength(1);
    const { token: shut } = await invited({ disabledAt: NOW });
    expect(await acceptInvitation(db, shut, "h", NOW)).toBeNull();
  });

  it("that follows another one ends that, and once accepted all that was before", async () => {
    const { person, browser } = await signedIn("owner");
    const { body: options } = await browser.ask("GET", "/auth/passkey/generate-register-options");
    const response = new Authenticator().create(options, "http://hongyan.test");
    await browser.ask("POST", "/auth/passkey/verify-registration", { response });
    const count = env.DB.prepare("SELECT count(*) AS count FROM passkeys WHERE user_id = ?");
    const passkeys = () => count.bind(person.id).first("count");
    expect(await passkeys()).toBe(1);
    const old = { hash: "old", until: deps.clock.now() + HOUR };
    await invite(db, person.id, old);
    await invite(db, person.id, { ...old, hash: "new" });
    expect(await acceptInvitation(db, "old", "hash", deps.clock.now())).toBeNull();
    expect((await browser.ask("GET", "/v1/session")).status).toBe(200);
    expect(await acceptInvitation(db, "new", "hash", deps.clock.now())).not.toBeNull();
    expect((await browser.ask("GET", "/v1/session")).status).toBe(401);
    expect(await readPasswordHash(db, person.id)).toBe("hash");
    expect(await passkeys()).toBe(0);
  });

  it("goes to each address once", async () => {
    const { person } = await invited();
    expect((await invited({ email: person.email })).made).toEqual({
      ok: false,
      error: "email-taken",
    });
  });
});

describe("the last owner", () => {
  it("stays: neither demoted nor disabled, and signed in", async () => {
    const { person, browser } = await signedIn("owner");
    await aPerson("owner", { disabledAt: NOW });
    for (const change of [{ role: "viewer" }, { disabledAt: NOW }] as const) {
      expect(await changePerson(db, person.id, change)).toEqual({ ok: false, error: "last-owner" });
    }
    expect((await browser.ask("GET", "/v1/session")).body.role).toBe("owner");
  });

  it("is one of two who go at the same time", async () => {
    const [one, two] = await Promise.all([aPerson("owner"), aPerson("owner")]);
    const done = await Promise.all(
      [one, two].map(({ id }) => changePerson(db, id, { role: "viewer" })),
    );
    expect(done.map(({ ok }) => ok).sort()).toEqual([false, true]);
    const owners = (await pagePeople(db, {}, 10)).filter(({ role }) => role === "owner");
    expect(owners).toHaveLength(1);
  });
});

it("a person who is shut out can be let in again, and signs in anew", async () => {
  const { person, browser } = await signedIn("viewer");
  await changePerson(db, person.id, { disabledAt: NOW });
  expect((await browser.ask("GET", "/v1/session")).status).toBe(401);
  expect((await new Browser().signIn(person)).status).toBe(401);
  await changePerson(db, person.id, { disabledAt: null });
  expect((await browser.ask("GET", "/v1/session")).status).toBe(401);
  expect((await new Browser().signIn(person)).status).toBe(200);
});
