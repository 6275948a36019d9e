import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { FailedTries, OF_ADDRESS, OF_NOBODY } from "../../src/access/failed-tries.ts";
import { writeKey } from "../../src/access/key.ts";
import { createApp } from "../../src/app.ts";
import { depsOf } from "../../src/deps.ts";

const deps = depsOf(env);
// Of its own: others run in the same isolate.
const failures = new FailedTries();
const noteFailure = (address: string | null) => failures.take(address, deps.clock.now());
const app = createApp({ ...deps, api: { ...deps.api, noteFailure } });
const WRONG = writeKey("live", "key_01J00000000000000000000000", new Uint8Array(20));
const wrong = { Authorization: `Bearer ${WRONG}` };

async function ask(headers: Record<string, string>, address?: string): Promise<Response> {
  const context = createExecutionContext();
  const from: Record<string, string> = address === undefined ? {} : { "CF-Connecting-IP": address };
  const request = new Request("https://hongyan.test/v1/session", {
    headers: { ...from, ...headers },
  });
  const answer = await app.fetch(request, env, context);
  await waitOnExecutionContext(context);
  return answer;
}

/** How many of so many requests answer as asked. */
async function count(status: number, times: number, ...asked: Parameters<typeof ask>) {
  let found = 0;
  for (let n = 0; n < times; n++) if ((await ask(...asked)).status === status) found++;
  return found;
}

it("an address that goes on showing wrong keys has to wait, and nobody else has", async () => {
  const address = "203.0.113.77";
  const first = await ask(wrong, address);
  expect([first.status, first.headers.get("WWW-Authenticate")]).toEqual([401, "Bearer"]);
  await count(401, OF_ADDRESS.atOnce, wrong, address);
  const refused = await ask(wrong, address);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("Retry-After"))).toBe(1);
  expect(await refused.json()).toMatchObject({ type: "/problems/rate-limited" });

  expect((await ask(wrong, "203.0.113.78")).status).toBe(401);
  expect(await count(401, 50, {}, address)).toBe(50);
  const good = { Authorization: `Bearer ${deps.config.ROOT_KEY}` };
  expect(await count(200, 50, good, address)).toBe(50);
});

it("a mapped address is the address, and a /64 is one", async () => {
  await count(401, OF_ADDRESS.atOnce + 20, wrong, "203.0.113.79");
  expect((await ask(wrong, "::ffff:203.0.113.79")).status).toBe(429);
  await count(401, OF_ADDRESS.atOnce + 20, wrong, "2001:db8:7::1");
  expect((await ask(wrong, "2001:db8:7::ffff")).status).toBe(429);
});

it("those whose address nobody knows share few tries, a wrong session among them", async () => {
  await count(401, OF_NOBODY.atOnce + 20, wrong);
  expect((await ask(wrong, "203.0.113.80, 203.0.113.81")).status).toBe(429);
  expect((await ask({ Cookie: "hongyan.session=x.y" })).status).toBe(429);
  expect((await ask({})).status).toBe(401);
});
