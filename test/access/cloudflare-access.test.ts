import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { accessVerifier, type VerifyAccess } from "../../src/access/cloudflare-access.ts";
import { HOUR, MINUTE, SECOND } from "../../src/lib/time.ts";

const NOW = Date.UTC(2026, 5, 1);
const ISSUER = "https://shop.cloudflareaccess.com";
const AUDIENCE = "tag-of-the-console";
type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

let pair: Pair;
let stranger: Pair;
let fetched: string[];
let isDown: boolean;
let verify: VerifyAccess;

beforeAll(async () => {
  [pair, stranger] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
});

beforeEach(async () => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  fetched = [];
  isDown = false;
  const key = { ...(await exportJWK(pair.publicKey)), kid: "one", alg: "RS256", use: "sig" };
  verify = accessVerifier({
    team: "shop",
    audience: AUDIENCE,
    now: Date.now,
    fetch: async (url) => {
      fetched.push(url);
      if (isDown) throw new Error("unreachable");
      return Response.json({ keys: [key] });
    },
  });
});
afterEach(() => vi.useRealTimers());

const CLAIMS = { email: "Li@Shop.Example", type: "app" };

const unsigned = (change: Record<string, unknown>) =>
  new SignJWT({
    iss: ISSUER,
    aud: AUDIENCE,
    iat: NOW / SECOND,
    exp: NOW / SECOND + 3600,
    ...CLAIMS,
    ...change,
  });

const token = (change: Record<string, unknown> = {}, kid = "one", by = pair.privateKey) =>
  unsigned(change).setProtectedHeader({ alg: "RS256", kid }).sign(by);

describe("a token of Cloudflare Access", () => {
  it("says who is asking, and when he signed in", async () => {
    expect(await verify(await token())).toEqual({ email: "li@shop.example", issuedAt: NOW });
    expect(fetched).toEqual([`${ISSUER}/cdn-cgi/access/certs`]);
  });

  const at = (ms: number) => (NOW + ms) / SECOND;
  it.each([
    ["another application's", { aud: "tag-of-another" }],
    ["of another team", { iss: "https://evil.cloudflareaccess.com" }],
    ["over for more than a minute", { exp: at(-61 * SECOND) }],
    ["not good for more than a minute yet", { nbf: at(61 * SECOND) }],
    ["without an end", { exp: undefined }],
    ["without a beginning", { iat: undefined }],
    ["a machine's, with no e-mail address", { email: undefined }],
    ["of an address that is none", { email: ["li@shop.example"] }],
  ])("that is %s proves nothing", async (_, change) => {
    expect(await verify(await token(change))).toBeNull();
  });

  it("may be off by less than a minute", async () => {
    const near = { exp: at(-59 * SECOND), nbf: at(59 * SECOND) };
    expect(await verify(await token(near))).not.toBeNull();
  });

  it("that is signed by another key, with no key or with our public one proves nothing", async () => {
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(pair.publicKey)));
    const confused = unsigned({}).setProtectedHeader({ alg: "HS256", kid: "one" }).sign(secret);
    const none = new UnsecuredJWT({
      ...CLAIMS,
      iss: ISSUER,
      aud: AUDIENCE,
      iat: at(0),
      exp: at(HOUR),
    });
    const forged = [await token({}, "one", stranger.privateKey), await confused, none.encode()];
    for (const one of [...forged, "", "a.b.c"]) expect(await verify(one)).toBeNull();
  });

  it("of an unknown key makes us look for new keys once a minute at most", async () => {
    await verify(await token());
    const unknown = await token({}, "two", stranger.privateKey);
    for (let i = 0; i < 3; i++) expect(await verify(unknown)).toBeNull();
    expect(fetched).toHaveLength(1);
    vi.setSystemTime(NOW + MINUTE);
    for (let i = 0; i < 3; i++) expect(await verify(unknown)).toBeNull();
    expect(fetched).toHaveLength(2);
  });

  it("can't be judged while the keys can't be had", async () => {
    isDown = true;
    await expect(verify(await token())).rejects.toThrow();
  });
});
