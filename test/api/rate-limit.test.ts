import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ChallengeBook, RateBook } from "../../src/api/rate-limit.ts";
import { createApp } from "../../src/app.ts";
import { depsOf } from "../../src/deps.ts";

const SECOND = Date.UTC(2026, 10, 23, 12) + 7_000;
const admitted = (book: RateBook, times: number, at: number, key = "key_1") =>
  Array.from({ length: times }, () => book.take(key, at)).filter((rate) => rate.admitted).length;

describe("the rate limit", () => {
  it("lets 2,000 requests of a second pass and not one more, and the next second is free", () => {
    const book = new RateBook();
    expect(admitted(book, 1_999, SECOND)).toBe(1_999);
    expect(book.take("key_1", SECOND + 999)).toEqual({ admitted: true, remaining: 0 });
    expect(book.take("key_1", SECOND + 999)).toEqual({ admitted: false, remaining: 0 });
    expect(book.take("key_1", SECOND + 1_000)).toEqual({ admitted: true, remaining: 1_999 });
  });

  it("counts each key by itself", () => {
    const book = new RateBook();
    expect(admitted(book, 3_000, SECOND)).toBe(2_000);
    expect(admitted(book, 3_000, SECOND, "key_2")).toBe(2_000);
  });
});

describe("sign-in challenges", () => {
  const MINUTE = Date.UTC(2026, 10, 23, 12);
  const taken = (book: ChallengeBook, times: number, address: string, at = MINUTE) =>
    Array.from({ length: times }, () => book.take(address, at)).filter((until) => until === null)
      .length;

  it("are 20 a minute for an address, and 200 for all of them", () => {
    const book = new ChallengeBook();
    expect(taken(book, 30, "a")).toBe(20);
    expect(book.take("a", MINUTE + 59_999)).toBe(MINUTE + 60_000);
    const others = Array.from({ length: 10 }, (_, n) => taken(book, 20, `other ${n}`));
    expect(others).toEqual([...Array(9).fill(20), 0]);
    expect(taken(book, 30, "a", MINUTE + 60_000)).toBe(20);
  });

  it("are refused to who asks for too many, and to nobody else", async () => {
    const app = createApp(depsOf({ ...env, TRUSTED_PROXY: "cloudflare" }));
    const ask = async (address: string) => {
      const context = createExecutionContext();
      const headers = { "CF-Connecting-IP": address };
      const path = "https://hongyan.test/auth/passkey/generate-authenticate-options";
      const answer = await app.request(path, { headers }, env, context);
      await waitOnExecutionContext(context);
      return answer;
    };
    const statuses: number[] = [];
    // Of two minutes one more than there are: the minute may change in between.
    for (let n = 0; n < 41; n++) statuses.push((await ask("192.0.2.1")).status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect((await ask("192.0.2.2")).status).toBe(200);
  });
});

describe("an answer", () => {
  const deps = depsOf(env);
  const principal = {
    id: "key_1",
    storefront: null,
    mode: "live" as const,
    can: (scope: string) => scope === "routes:read",
    mayGive: () => false,
    mayComeFrom: () => true,
  };
  const book = new RateBook();
  const app = createApp({
    ...deps,
    api: {
      ...deps.api,
      authenticate: () => principal,
      meter: () => book.take(principal.id, SECOND),
    },
  });

  async function ask(path: string): Promise<Response> {
    const context = createExecutionContext();
    const headers = { Authorization: "Bearer any" };
    const answer = await app.request(`https://hongyan.test${path}`, { headers }, env, context);
    await waitOnExecutionContext(context);
    return answer;
  }

  it("says what is left of the second, a refusal by scope as well, and 429 when nothing is", async () => {
    const left = (answer: Response) => [
      answer.status,
      answer.headers.get("RateLimit-Limit"),
      answer.headers.get("RateLimit-Remaining"),
      answer.headers.get("RateLimit-Reset"),
    ];
    expect(left(await ask("/v1/routes"))).toEqual([200, "2000", "1999", "1"]);
    expect(left(await ask("/v1/messages"))).toEqual([403, "2000", "1998", "1"]);
    admitted(book, 1_998, SECOND);
    const refused = await ask("/v1/routes");
    expect(left(refused)).toEqual([429, "2000", "0", "1"]);
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect(await refused.json()).toMatchObject({ type: "/problems/rate-limited", status: 429 });
  });
});
