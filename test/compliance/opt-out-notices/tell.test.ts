import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { dueNotices } from "../../../src/compliance/opt-out-notices/store.ts";
import { pauseAfter, tellDue } from "../../../src/compliance/opt-out-notices/tell.ts";
import {
  beginOptOut,
  liftOptOut,
  type OptOut,
  type PermissionDeps,
  type PermissionKeeper,
} from "../../../src/compliance/permissions/change.ts";
import { depsOf } from "../../../src/deps.ts";
import { ulid } from "../../../src/lib/id.ts";
import type { NoticeOutcome, OptOutNotice } from "../../../src/providers/provider.ts";
import { numberKey } from "../../../src/routing/route-context.ts";

const { db, keys } = depsOf(env);
let made = 0;

/** A world with one account that keeps a list, and what its vendor answers. */
function aVendor(respond: (notice: OptOutNotice) => NoticeOutcome = () => ({ kind: "noted" })) {
  let now = 1_800_000_000_000;
  const account = `acc_${++made}`;
  const shops = [`sto_${made}a`, `sto_${made}b`] as const;
  const clock = { now: () => now, wake: (at: number) => at, unwake: (at: number) => at };
  const permissions: PermissionDeps = {
    db,
    keys,
    clock,
    newId: (prefix) => `${prefix}_${ulid(now, crypto.getRandomValues(new Uint8Array(10)))}`,
    keeper: (e164) => env.PHONE.getByName(numberKey(keys, e164)) as unknown as PermissionKeeper,
    wait: async () => {},
    lists: async () => [{ account, provider: "twilio" }],
  };
  const heard: string[] = [];
  const errors: string[] = [];
  const about = (to: string, storefront: string = shops[0]) =>
    ({ storefront, to, scope: "marketing" }) as const;
  return {
    heard,
    errors,
    shops,
    permissions,
    world: { respond, isStopped: false, isThere: true, during: async () => {} },
    pass: (ms: number) => {
      now += ms;
    },
    out: (to: string, change: Partial<OptOut> = {}) =>
      beginOptOut(permissions, { ...about(to), reason: "r", source: "reply", ...change }),
    back: (to: string, storefront?: string) =>
      liftOptOut(permissions, { ...about(to, storefront), source: "api" }),
    rows: async () =>
      (await dueNotices(db, Number.MAX_SAFE_INTEGER, 500)).filter((row) => row.account === account),
    async waiting() {
      return (await this.rows()).length;
    },
    tell() {
      const { world } = this;
      return tellDue({
        db,
        keys,
        clock,
        storefronts: async () => shops.map((id) => ({ id })),
        accounts: async () =>
          world.isThere
            ? [{ id: account, provider: { id: "twilio" }, isStopped: world.isStopped, most: 25 }]
            : [],
        async tell(_account, notices) {
          await world.during();
          heard.push(...notices.map(({ to, status, via }) => `${to} ${status} ${via}`));
          return notices.map(world.respond);
        },
        logError: (event) => errors.push(event),
      });
    },
  };
}
const aNumber = () => `+1415557${String(1000 + made++)}`;

describe("a vendor that keeps a list", () => {
  it("hears of an opt-out and of its end, each once", async () => {
    const vendor = aVendor();
    const to = aNumber();
    await vendor.out(to);
    await vendor.tell();
    await vendor.tell();
    await vendor.back(to);
    await vendor.tell();
    expect(vendor.heard).toEqual([`${to} opted-out reply`, `${to} opted-in other`]);
    expect(await vendor.waiting()).toBe(0);
  });

  it("does not hear of what it said itself, but of what others said", async () => {
    const vendor = aVendor();
    await vendor.out(aNumber(), { source: "provider", provider: "twilio" });
    expect(await vendor.waiting()).toBe(0);
    const to = aNumber();
    await vendor.out(to, { source: "provider", provider: "aliyun" });
    await vendor.tell();
    expect(vendor.heard).toEqual([`${to} opted-out other`]);
  });

  it("is told again, ever more seldom, until it has noted it", async () => {
    const vendor = aVendor(() => ({ kind: "later", code: "HTTP 500" }));
    const to = aNumber();
    await vendor.out(to);
    for (let tries = 0; tries < 3; tries++) {
      await vendor.tell();
      await vendor.tell();
      expect(vendor.heard).toHaveLength(tries + 1);
      vendor.pass(pauseAfter(tries));
    }
    expect(vendor.errors).toHaveLength(3);
    vendor.world.respond = () => ({ kind: "noted" });
    await vendor.tell();
    expect([vendor.heard.length, await vendor.waiting()]).toEqual([4, 0]);
    expect(pauseAfter(1_000)).toBe(3_600_000);
  });

  it("is not asked for ever what it refuses for good", async () => {
    const vendor = aVendor(() => ({ kind: "refused", code: "30646" }));
    await vendor.out(aNumber());
    await vendor.tell();
    expect([vendor.errors, await vendor.waiting()]).toEqual([["opt-out-refused"], 0]);
  });

  it("hears where the number stands now, at all storefronts together", async () => {
    const vendor = aVendor();
    const to = aNumber();
    await vendor.out(to);
    await vendor.out(to, { storefront: vendor.shops[1] });
    await vendor.back(to);
    await vendor.tell();
    expect(vendor.heard).toEqual([`${to} opted-out other`]);
    await vendor.back(to, vendor.shops[1]);
    await vendor.tell();
    expect(vendor.heard[1]).toBe(`${to} opted-in other`);
  });

  it("hears nothing of a number that had not opted out", async () => {
    const vendor = aVendor();
    expect(await vendor.back(aNumber())).toBe(false);
    await vendor.tell();
    expect(vendor.heard).toEqual([]);
  });

  it("hears of the others where one notice can't be read, which waits longer each time", async () => {
    const vendor = aVendor();
    const [broken, other] = [aNumber(), aNumber()];
    await vendor.out(broken);
    const [row] = await vendor.rows();
    await env.DB.prepare("UPDATE opt_out_notices SET to_sealed = '9.a.b' WHERE id = ?1")
      .bind(row?.id)
      .run();
    await vendor.out(other);
    const next = await vendor.tell();
    expect(vendor.heard).toEqual([`${other} opted-out reply`]);
    expect(next).toBeGreaterThan(row?.dueAt ?? 0);
    expect(await vendor.rows()).toMatchObject([{ tries: 1 }]);
  });

  it("hears once more of what changed while it was told", async () => {
    const vendor = aVendor();
    const to = aNumber();
    await vendor.out(to);
    vendor.world.during = async () => {
      vendor.world.during = async () => {};
      await vendor.back(to);
    };
    await vendor.tell();
    await vendor.tell();
    expect(vendor.heard).toEqual([`${to} opted-out reply`, `${to} opted-in other`]);
  });

  it("is left alone while an operator stops it, and forgotten with its account", async () => {
    const vendor = aVendor();
    await vendor.out(aNumber());
    vendor.world.isStopped = true;
    await vendor.tell();
    vendor.pass(60_000);
    vendor.world.isStopped = false;
    expect(vendor.heard).toEqual([]);
    await vendor.tell();
    expect(vendor.heard).toHaveLength(1);
    await vendor.out(aNumber());
    vendor.world.isThere = false;
    await vendor.tell();
    expect(await vendor.waiting()).toBe(0);
  });

  it("finds no number in clear where its notices wait", async () => {
    const vendor = aVendor();
    const to = aNumber();
    await vendor.out(to);
    const rows = await env.DB.prepare("SELECT * FROM opt_out_notices").all();
    expect(JSON.stringify(rows.results)).not.toContain(to.slice(2));
    await vendor.tell();
  });
});
