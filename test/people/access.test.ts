import { expect, it } from "vitest";
import type { AccessIdentity } from "../../src/access/cloudflare-access.ts";
import { findPerson } from "../../src/api/person.ts";
import { endpoints } from "../../src/app.ts";
import { MINUTE } from "../../src/lib/time.ts";
import { aPerson, deps } from "./support.ts";

const ORIGIN = "http://hongyan.test";
const { clock } = deps;

/** Whom a request with an assertion comes from, if Access says so. */
async function asked(
  identity: Pick<AccessIdentity, "email"> | null,
  { age = 0, method = "GET", origin = ORIGIN } = {},
) {
  const found = identity && { ...identity, issuedAt: clock.now() - age };
  const access = async (token: string) => (token === "assertion" ? found : null);
  const headers = { "Cf-Access-Jwt-Assertion": "assertion", Origin: origin };
  const request = new Request("https://hongyan.test/v1/messages", { method, headers });
  return findPerson({ ...deps.people.routes, access }, request, () => undefined);
}

it("who signed in by Cloudflare Access is the person of that e-mail address", async () => {
  const { id, email } = await aPerson("analyst");
  expect(await asked({ email })).toMatchObject({ ok: true, value: { id, sessionId: null } });
  const fresh = async (age: number) => {
    const found = await asked({ email }, { age });
    return found.ok && found.value?.isFresh;
  };
  expect([await fresh(5 * MINUTE - 1_000), await fresh(5 * MINUTE)]).toEqual([true, false]);
});

it("an address that nobody has, or somebody who is shut out, is refused", async () => {
  const { email } = await aPerson("analyst", { disabledAt: clock.now() });
  for (const one of [email, "stranger@shop.example"]) {
    expect(await asked({ email: one })).toMatchObject({
      ok: false,
      error: { problem: "forbidden" },
    });
  }
});

it("an assertion that proves nothing is nobody, and without Access it is not even read", async () => {
  expect(await asked(null)).toEqual({ ok: true, value: null });
  const headers = { "Cf-Access-Jwt-Assertion": "assertion" };
  const request = new Request("https://hongyan.test/v1/messages", { headers });
  const found = await findPerson(deps.people.routes, request, () => undefined);
  expect(found).toEqual({ ok: true, value: null });
});

it("another site's page can't act with it", async () => {
  const { email } = await aPerson("operator");
  const change = { method: "POST", origin: "https://evil.example" };
  expect(await asked({ email }, change)).toMatchObject({ ok: false });
  expect(await asked({ email }, { method: "POST" })).toMatchObject({ ok: true });
});

it.each([
  "post /v1/api-keys",
  "post /v1/api-keys/{id}/rotate",
  "post /v1/people",
  "patch /v1/people/{id}",
  "post /v1/people/{id}/invite",
  "post /v1/privacy/exports",
  "delete /v1/suppressions",
])("%s takes a fresh proof", (name) => {
  const named = endpoints.filter(({ method, path }) => `${method} ${path}` === name);
  expect(named).toMatchObject([{ stepUp: true }]);
});
