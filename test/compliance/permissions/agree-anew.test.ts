import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { agreeAnew } from "../../../src/compliance/permissions/agree-anew.ts";
import {
  beginOptOut,
  type Consent,
  type OptOut,
  type PermissionDeps,
  type PermissionKeeper,
} from "../../../src/compliance/permissions/change.ts";
import { suppressionsOf } from "../../../src/compliance/permissions/store.ts";
import { depsOf } from "../../../src/deps.ts";
import { ulid } from "../../../src/lib/id.ts";
import { numberKey } from "../../../src/routing/route-context.ts";

const { db, keys } = depsOf(env);
const SHOP = "sto_agree";
const STANDS = (stands: string | null) => ({ lifted: false, stands });
const LIFTED = { lifted: true, stands: null };
let made = 0;

/** A number at a shop, with a clock that moves by one with each opt-out. */
function aPerson() {
  let now = 1_800_000_000_000;
  const to = `+86137${String(40_000_000 + made++)}`;
  const deps: PermissionDeps = {
    db,
    keys,
    clock: { now: () => now, wake: (at) => at, unwake: (at) => at },
    newId: (prefix) => `${prefix}_${ulid(now, crypto.getRandomValues(new Uint8Array(10)))}`,
    keeper: (e164) => env.PHONE.getByName(numberKey(keys, e164)) as unknown as PermissionKeeper,
    wait: async () => {},
    lists: async () => [],
  };
  return {
    to,
    deps,
    async out(source: OptOut["source"] = "reply", scope: OptOut["scope"] = "marketing") {
      now += 1_000;
      await beginOptOut(deps, { storefront: SHOP, to, scope, reason: source, source });
    },
    agrees(change: Partial<Consent> = {}) {
      now += 1_000;
      return agreeAnew(deps, {
        storefront: SHOP,
        to,
        scope: "marketing",
        source: "checkout",
        textVersion: "1",
        at: now,
        evidence: "form 7",
        ...change,
      });
    },
    async isOut() {
      const { suppressed } = await deps.keeper(to).permissions(SHOP);
      const rows = await suppressionsOf(db, SHOP, keys.blindIndexes(to));
      return [suppressed.marketing !== undefined, rows.length > 0];
    },
    now: () => now,
  };
}

describe("a consent after an opt-out", () => {
  it("ends it where the person made it by a reply, at the number and on record", async () => {
    const person = aPerson();
    await person.out();
    expect(await person.agrees()).toEqual(LIFTED);
    expect(await person.isOut()).toEqual([false, false]);
    expect(await person.agrees()).toEqual(STANDS(null));
  });

  it.each(["api", "complaint", "provider", "shop"] as const)(
    "ends nothing that %s said, first or besides",
    async (source) => {
      const first = aPerson();
      await first.out(source);
      await first.out();
      expect(await first.agrees()).toEqual(STANDS("not-his-own"));
      const besides = aPerson();
      await besides.out();
      await besides.out(source);
      await besides.out();
      expect(await besides.agrees()).toEqual(STANDS("not-his-own"));
      expect(await besides.isOut()).toEqual([true, true]);
    },
  );

  it("ends none that was said again after it, nor one of the same moment", async () => {
    const person = aPerson();
    await person.out();
    const at = person.now();
    const between = at + 500;
    expect(await person.agrees({ at })).toEqual(STANDS("older"));
    expect(await person.agrees({ at, evidence: null })).toEqual(STANDS("older"));
    await person.out();
    expect(await person.agrees({ at: between })).toEqual(STANDS("older"));
    expect(await person.isOut()).toEqual([true, true]);
  });

  it("ends none without evidence, and none of all texts", async () => {
    const person = aPerson();
    await person.out();
    expect(await person.agrees({ evidence: null })).toEqual(STANDS("no-evidence"));
    await person.out("reply", "all");
    expect(await person.agrees()).toEqual(STANDS("all"));
    expect(await person.isOut()).toEqual([true, true]);
  });

  it("loses to an opt-out that the number heard of meanwhile", async () => {
    const person = aPerson();
    await person.out();
    const number = person.deps.keeper(person.to);
    await number.suppress(SHOP, "marketing", person.now() + 10_000);
    expect(await person.agrees()).toEqual(STANDS("older"));
    const ahead = person.now() + 60_000;
    expect(await person.agrees({ at: ahead })).toEqual(STANDS("older"));
    expect(await person.isOut()).toEqual([true, true]);
  });
});
