import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Role } from "../../src/access/roles.ts";
import { createApp } from "../../src/app.ts";
import { depsOf } from "../../src/deps.ts";
import { hashToken, newToken } from "../../src/people/auth.ts";
import { hashPassword } from "../../src/people/password.ts";
import type { Person } from "../../src/people/person.ts";
import { acceptInvitation, createPerson } from "../../src/people/store.ts";

export const deps = depsOf(env);
const app = createApp(deps);
export const PASSWORD = "a password of a test";
const COOKIE = "hongyan.session";
let names = 0;

/** Somebody who accepted his invitation. */
export async function aPerson(role: Role, change: Partial<Person> = {}, iterations?: number) {
  const { db, keys, randomBytes, clock } = deps;
  const id = `usr_${Date.now()}_${names++}`;
  const person: Person = {
    id,
    email: `${id}@shop.example`,
    name: "韩梅梅",
    role,
    storefront: null,
    disabledAt: null,
    invitedUntil: null,
    twoFactorEnabled: false,
    createdAt: clock.now(),
    ...change,
  };
  const token = hashToken(keys, newToken(randomBytes));
  await createPerson(db, person, `credential_${id}`, { hash: token, until: clock.now() + 1_000 });
  const hash = await hashPassword(keys, randomBytes, PASSWORD, iterations);
  await acceptInvitation(db, token, hash, clock.now());
  return person;
}

/** One that keeps its cookies. */
export class Browser {
  readonly cookies = new Map<string, string>();

  // biome-ignore lint/suspicious/noExplicitAny: a client without types reads answers.
  async ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> {
    const context = createExecutionContext();
    const request = new Request(`https://hongyan.test${path}`, {
      method,
      headers: {
        Cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        Origin: "http://hongyan.test",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await app.fetch(request, env, context);
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    const text = await answer.text();
    await waitOnExecutionContext(context);
    return { status: answer.status, body: JSON.parse(text) };
  }

  signIn({ email }: Person) {
    return this.ask("POST", "/auth/sign-in/email", { email, password: PASSWORD });
  }

  get session(): string {
    return this.cookies.get(COOKIE) ?? "";
  }

  set session(value: string) {
    this.cookies.set(COOKIE, value);
  }

  get token(): string {
    return decodeURIComponent(this.session).split(".")[0] ?? "";
  }
}

export async function signedIn(role: Role) {
  const person = await aPerson(role);
  const browser = new Browser();
  await browser.signIn(person);
  return { person, browser };
}

/** Moves the times of a person's sessions. */
export const setSession = (person: Person, column: string, at: number) =>
  env.DB.prepare(`UPDATE sessions SET ${column} = ? WHERE user_id = ?`).bind(at, person.id).run();
