import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { ProviderAccountObject } from "../../src/dispatch/provider-account.ts";

const REFUSED = { calls: [], throttledMs: 1_000 };
const TAKEN = { calls: [true], throttledMs: null };

/** An account of a hundred requests a second, and its clock. */
async function anObject(
  work: (account: ProviderAccountObject, pass: (ms: number) => void) => Promise<void>,
) {
  let now = 1_000_000;
  const clock = { now: () => now, wake: (at: number) => at, unwake: (at: number) => at };
  const stub = env.PROVIDER_ACCOUNT.getByName(crypto.randomUUID());
  await runInDurableObject(stub, (_, ctx) =>
    work(new ProviderAccountObject(ctx, env, clock), (ms) => {
      now += ms;
    }),
  );
}

it("an account that throttles for long is left alone, then tried by one request until it takes one", () =>
  anObject(async (account, pass) => {
    const lease = () => account.lease(50, 100);
    expect(await lease()).toMatchObject({ granted: 50, throttle: "none" });
    await account.report(REFUSED);
    expect(await lease()).toMatchObject({ granted: 0, retryAfterMs: 1_000, throttle: "brief" });
    pass(1_000);
    expect((await lease()).granted).toBeGreaterThan(1);
    await account.report(REFUSED);
    expect(await lease()).toMatchObject({ granted: 0, retryAfterMs: 2_000, throttle: "lasting" });
    expect(await account.room(100)).toMatchObject({ granted: 0, retryAfterMs: 2_000 });
    pass(2_000);
    expect(await account.room(100)).toMatchObject({ granted: 1, throttle: "trying" });
    expect(await lease()).toMatchObject({ granted: 1, throttle: "trying" });
    expect(await lease()).toMatchObject({ granted: 0, retryAfterMs: 1_000 });
    pass(20);
    await account.report(TAKEN);
    expect((await lease()).granted).toBeGreaterThan(1);
    expect(await lease()).toMatchObject({ throttle: "none" });
  }));

it("an account that throttles is slowed down as ever, and its breaker does not mind", () =>
  anObject(async (account, pass) => {
    await account.lease(1, 100);
    for (let n = 0; n < 6; n++) {
      await account.report(REFUSED);
      pass(1_000);
    }
    const { breaker, perSecond } = await account.state(100);
    expect(breaker).toBe("closed");
    expect(perSecond).toBeLessThan(40);
  }));
