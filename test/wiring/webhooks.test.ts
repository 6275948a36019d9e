import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { wireWebhooks } from "../../src/wiring/webhooks.ts";

it("the tries of one alarm ask once where the URL leads, those of the next ask again", async () => {
  const { db, keys, clock, logError } = depsOf(env);
  let asked = 0;
  const { objectDeps } = wireWebhooks({
    env,
    db,
    keys,
    clock,
    logError,
    wallClock: clock.now,
    random: () => 0,
    isOpen: true,
    targets: {
      localTargets: [],
      ownHost: "api.example",
      resolve: async () => {
        asked++;
        return ["93.184.216.34"];
      },
    },
    audit: { append: async () => {} },
    fetch: async () => new Response("taken"),
    tellOperators: () => {},
  });
  const endpoint = {
    id: "whk_once",
    storefront: "sto_1",
    url: "https://hooks.shop.example/",
    events: [],
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    previous: null,
    disabled: null,
    createdAt: 0,
  };
  const tries = async () => {
    const attempt = objectDeps.attempts(endpoint);
    const events = ["evt_1", "evt_2", "evt_3"].map((id) => attempt({ id, body: "{}" }));
    return (await Promise.all(events)).map(({ code }) => code);
  };
  expect(await tries()).toEqual([200, 200, 200]);
  expect(asked).toBe(1);
  await tries();
  expect(asked).toBe(2);
});
