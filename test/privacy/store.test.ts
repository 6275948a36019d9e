import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { holdsInForce, insertHold } from "../../src/privacy/store.ts";
import { keysOf } from "./builders.ts";

const keys = keysOf(1);
const store = { db: openDatabase(env.DB), keys };
const NOW = Date.UTC(2002, 0, 1);

it("a hold counts however many newer ones others have, and no longer than it is in force", async () => {
  const hold = {
    storefront: "sto_few",
    to: null,
    campaign: null,
    reason: "a dispute",
    until: null,
    createdAt: 0,
  };
  const [to, over] = ["+8613512347001", "+8613512347002"];
  await insertHold(store, { ...hold, id: "hld_0", to });
  await insertHold(store, { ...hold, id: "hld_0over", to: over, until: NOW });
  const many = Array.from({ length: 501 }, (_, n) => {
    const id = `hld_many${String(n).padStart(5, "0")}`;
    return insertHold(store, { ...hold, id, storefront: "sto_many", to: "+8613512347003" });
  });
  const [first, ...others] = many;
  if (first) await store.db.batch([first, ...others]);
  await insertHold(store, { ...hold, id: "hld_zcampaign", campaign: "cmp_1" });

  const live = (await holdsInForce(store, NOW)).map(({ id }) => id);
  expect(live).toHaveLength(503);
  expect(live).toContain("hld_0");
  const of = async (number: string) =>
    (await holdsInForce(store, NOW, keys.blindIndexes(number))).map(({ id }) => id);
  expect(await of(to)).toEqual(["hld_zcampaign", "hld_0"]);
  expect(await of(over)).toEqual(["hld_zcampaign"]);
  await env.DB.prepare("DELETE FROM legal_holds").run();
});
