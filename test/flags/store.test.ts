import { env } from "cloudflare:workers";
import { afterEach, expect, it } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { NO_FLAGS } from "../../src/flags/flags.ts";
import { changeFlags, type FlagChange, readFlags } from "../../src/flags/store.ts";

const { db } = depsOf(env);
const change = (name: string, off: boolean, reason = ""): FlagChange => ({
  kind: "storefronts",
  name,
  off,
  reason,
});
afterEach(async () => void (await env.DB.prepare("DELETE FROM flags").run()));

it("two stops at once both hold, and one that is said again keeps its beginning", async () => {
  await Promise.all([
    changeFlags(db, [change("sto_1", true)], 1),
    changeFlags(db, [change("sto_2", true)], 1),
  ]);
  await changeFlags(db, [change("sto_1", true, "still")], 9);
  const { storefronts } = (await readFlags(db)).stops;
  expect(storefronts.get("sto_1")).toMatchObject({ reason: "still", since: 1 });
  expect(storefronts.get("sto_2")).toMatchObject({ reason: "", since: 1 });
});

it("what is lifted leaves nothing behind, and lifting what was not stopped is no fault", async () => {
  await changeFlags(db, [change("sto_1", true)], 1);
  await changeFlags(db, [change("sto_1", false), change("sto_9", false)], 2);
  expect(await readFlags(db)).toEqual(NO_FLAGS);
});

it("a feature is on until it is switched off", async () => {
  const feature = { kind: "features", name: "adaptive_routing", reason: "" } as const;
  await changeFlags(db, [{ ...feature, off: true }], 1);
  expect((await readFlags(db)).features.adaptive_routing).toBe(false);
  await changeFlags(db, [{ ...feature, off: false }], 2);
  expect((await readFlags(db)).features.adaptive_routing).toBe(true);
});
