import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { DAY, SECOND } from "../../src/lib/time.ts";

const answer = { status: 201, bodySealed: "sealed" };

it("an answer is kept for 24 hours, and then forgotten", async () => {
  const shard = env.IDEMPOTENCY.getByName("of the retention tests");
  const made = (age: number) =>
    runInDurableObject(shard, (_, state) => {
      state.storage.sql.exec("UPDATE keys SET at = ?", Date.now() - age);
    });
  const count = () =>
    runInDurableObject(shard, (_, state) => state.storage.sql.exec("SELECT * FROM keys").toArray());
  expect((await shard.claim("key", "body", "one")).kind).toBe("first");
  await shard.settle("key", "one", answer);

  await made(DAY - 5 * SECOND);
  expect(await shard.claim("key", "body", "two")).toEqual({ kind: "replay", answer });
  await runDurableObjectAlarm(shard);
  expect(await count()).toHaveLength(1);

  await made(DAY);
  await runDurableObjectAlarm(shard);
  expect(await count()).toEqual([]);
  expect((await shard.claim("key", "body", "three")).kind).toBe("first");
});
