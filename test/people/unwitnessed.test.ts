import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { readPasswordHash } from "../../src/people/store.ts";
import { aPerson, Browser, deps, PASSWORD, signedIn } from "./support.ts";

const gone = () => Promise.reject(new Error("overloaded"));
const { audit } = deps.people.routes;

async function withoutLog<T>(what: "begin" | "end", work: () => Promise<T>): Promise<T> {
  const kept = audit[what];
  Object.assign(audit, { [what]: gone });
  try {
    return await work();
  } finally {
    Object.assign(audit, { [what]: kept });
  }
}

const sessions = (person: string) =>
  env.DB.prepare("SELECT count(*) AS count FROM sessions WHERE user_id = ?")
    .bind(person)
    .first("count");
const entriesOf = (actor: string) => deps.audit.page({ actor }, 10);

it("nobody signs in, and no password changes, while the audit log does not answer", async () => {
  const person = await aPerson("viewer");
  const browser = new Browser();
  expect((await withoutLog("begin", () => browser.signIn(person))).status).toBe(503);
  expect(await sessions(person.id)).toBe(0);
  await browser.signIn(person);
  const before = await readPasswordHash(deps.db, person.id);
  const body = { current_password: PASSWORD, new_password: "another password of a test" };
  const change = () => browser.ask("POST", "/auth/change-password", body);
  expect((await withoutLog("begin", change)).status).toBe(503);
  expect(await readPasswordHash(deps.db, person.id)).toBe(before);
});

it("who signs in is named, though nobody knew him when it began", async () => {
  const { person } = await signedIn("viewer");
  expect(await entriesOf(person.id)).toMatchObject([
    {
      action: "people.sign_in",
      actorName: person.name,
      resource: { type: "people", id: person.id },
      outcome: "done",
    },
  ]);
});

it("a wrong password leaves no entry, nor does a stranger who signs out", async () => {
  const { email } = await aPerson("viewer");
  const before = await deps.audit.page({}, 1);
  const browser = new Browser();
  const wrong = { email, password: "not the password" };
  expect((await browser.ask("POST", "/auth/sign-in/email", wrong)).status).toBe(401);
  const signOut = () => browser.ask("POST", "/auth/sign-out", {});
  expect((await withoutLog("begin", signOut)).status).toBe(200);
  expect(await deps.audit.page({}, 1)).toEqual(before);
});
