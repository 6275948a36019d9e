import {
  createExecutionContext,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { depsOf } from "../../src/deps.ts";
import { sandboxKeys } from "../../src/lib/keys.ts";
import { DAY } from "../../src/lib/time.ts";
import { numberKey } from "../../src/routing/route-context.ts";

const deps = depsOf(env);
const app = createApp(deps);
const TO = "+8613812349876";

// biome-ignore lint/suspicious/noExplicitAny: only ids and secrets are read of it.
async function post(key: string, path: string, body: unknown): Promise<any> {
  const context = createExecutionContext();
  const request = new Request(`https://sms.example/v1/${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const response = await app.fetch(request, env, context);
  await waitOnExecutionContext(context);
  expect(response.status).toBeLessThan(300);
  return response.json();
}

/** A notification by a test key: it goes the way of all texts, to a number of the sandbox. */
async function notify(): Promise<void> {
  const { id: storefront } = await post(env.ROOT_KEY, "storefronts", {
    name: "Shop",
    domain: "shop.example",
    default_country: "CN",
    timezone: "Asia/Shanghai",
    locale: "en",
    currency: "CNY",
  });
  const sender = await post(env.ROOT_KEY, "senders", { name: "商城", storefront });
  const about = { category: "notification", storefront, sender: sender.id };
  await post(env.ROOT_KEY, "templates", { ...about, name: "hello", body: "Hello." });
  const tester = { name: "test", mode: "test", scopes: ["messages:write"], storefront };
  const { secret } = await post(env.ROOT_KEY, "api-keys", tester);
  await post(secret, "messages", { to: TO, template: "hello" });
  await deps.dispatch.consume({ messages: [{ body: { provider: "sandbox" } }] } as never);
}

it("a number that got a text is visited once the text is too old, and forgets it", async () => {
  await notify();
  const name = numberKey(sandboxKeys(deps.keys), TO);
  const number = env.PHONE.getByName(name);
  const texts = () =>
    runInDurableObject(number, (_, { storage }) => {
      const [table] = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'texts'");
      return table ? storage.sql.exec("SELECT * FROM texts").toArray().length : null;
    });
  expect(await texts()).toBe(1);
  await runInDurableObject(number, (_, { storage }) => {
    storage.sql.exec("UPDATE texts SET at = at - ?", 7 * DAY);
  });
  let arranged = 0;
  for (let index = 0; index < 8; index++) {
    const forgetter = env.FORGETTER.getByName(`forgetter-${index}`);
    arranged += await runInDurableObject(forgetter, (_, { storage }) => {
      const sooner = "UPDATE visits SET at = at - ? WHERE instr(numbers, ?) RETURNING id";
      return storage.sql.exec(sooner, 7 * DAY, name).toArray().length;
    });
    await runDurableObjectAlarm(forgetter);
  }
  expect(arranged).toBe(1);
  expect(await texts()).toBeNull();
});
