import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { DAY } from "../../src/lib/time.ts";
import { drawLinkCode, isLinkCode } from "../../src/links/code.ts";
import { createLinks } from "../../src/links/create-links.ts";
import type { Click, NewLink } from "../../src/links/link.ts";
import { openLink, settleDoubts } from "../../src/links/open-link.ts";
import {
  eraseLinksOf,
  findLink,
  insertLinks,
  lastClicked,
  linksOf,
  recordClicks,
} from "../../src/links/store.ts";
import { LogShard } from "../../src/messages/log.ts";

const { db, keys, links, randomBytes } = depsOf(env);
const NOW = Date.UTC(2026, 5, 1);
const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";
const DESKTOP =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0 Safari/537.36";

let made = 0;
const aLink = (change: Partial<NewLink> = {}): NewLink => ({
  storefront: "sto_links",
  target: "https://shop.example/sale",
  message: `msg_${++made}`,
  campaign: null,
  variant: null,
  toIndex: `1.person${made}`,
  expiresAt: null,
  ...change,
});

const create = (wanted: readonly NewLink[], random = randomBytes) =>
  createLinks(
    { randomBytes: random, insert: (rows) => insertLinks({ db, keys }, rows, NOW) },
    wanted,
  );

async function theCode(link: NewLink): Promise<string> {
  const [code] = await create([link]);
  if (code === undefined) throw new Error("no code");
  return code;
}

/** Opens a link; answers where it leads and what was noted. */
async function open(code: string, agent: string | null, at = NOW) {
  const noted: Click[] = [];
  const location = await openLink(
    {
      now: () => at,
      find: (asked) => findLink({ db, keys }, asked),
      homeOf: async () => "https://shop.example/",
      note: (click) => void noted.push(click),
    },
    code,
    new Request(`http://hongyan.test/l/${code}`, agent ? { headers: { "User-Agent": agent } } : {}),
  );
  return { location, noted };
}

const visit = (code: string, change: Partial<Click> = {}): Click => ({
  code,
  kind: "person",
  at: NOW,
  storefront: "sto_links",
  toIndex: null,
  inDoubt: null,
  ...change,
});

describe("short codes", () => {
  it("are eight letters, none of which is mistaken for another", () => {
    const codes = Array.from({ length: 2_000 }, () => drawLinkCode(randomBytes));
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.join("")).toMatch(/^[2-9A-HJ-NP-Za-kmnp-z]+$/);
    expect(codes.filter((code) => code.length !== 8 || !isLinkCode(code))).toEqual([]);
    expect(new Set(codes.join("")).size).toBe(56);
  });

  it("are drawn again where somebody has them already", async () => {
    const same = Uint8Array.from({ length: 16 }, (_, index) => index);
    const [known = ""] = await create([aLink()], () => same);
    const draws = [same, same];
    const own = aLink();
    const [other = ""] = await create([own], (length) => draws.pop() ?? randomBytes(length));
    expect(draws).toEqual([]);
    expect(other).not.toBe(known);
    expect(await findLink({ db, keys }, other)).toMatchObject(own);
  });

  it("of one batch are as many as its links", async () => {
    const wanted = Array.from({ length: 1_500 }, () => aLink());
    const codes = await create(wanted);
    expect(new Set(codes).size).toBe(1_500);
    const last = await findLink({ db, keys }, codes[1_499] ?? "");
    expect(last).toMatchObject(wanted[1_499] ?? {});
  });
});

describe("a short link", () => {
  it("leads where it was made to, and is kept sealed", async () => {
    const code = await theCode(aLink({ target: "https://shop.example/o?n=1" }));
    expect((await open(code, PHONE)).location).toBe("https://shop.example/o?n=1");
    const row = await env.DB.prepare("SELECT * FROM links WHERE code = ?1").bind(code).first();
    expect(JSON.stringify(row)).not.toContain("shop.example");
  });

  it.each(["", "aaaaaaa", "AAAAAAA0", "22222222"])(
    "that nobody gave out leads nowhere: %j",
    async (code) => {
      expect(await open(code, PHONE)).toEqual({ location: null, noted: [] });
    },
  );

  it("leads home once its time is over, and nobody is counted", async () => {
    const code = await theCode(aLink({ expiresAt: NOW }));
    expect(await open(code, PHONE, NOW)).toEqual({ location: "https://shop.example/", noted: [] });
    expect((await open(code, PHONE, NOW - 1)).location).toBe("https://shop.example/sale");
  });

  it("counts people and programs apart, and keeps when a person came first", async () => {
    const code = await theCode(aLink());
    await recordClicks(db, [visit(code, { kind: "bot", at: NOW - 5 })]);
    expect(await findLink({ db, keys }, code)).toMatchObject({
      clicks: 0,
      fetches: 1,
      clickedAt: null,
    });
    await recordClicks(db, [
      visit(code, { at: NOW + 2 }),
      visit(code, { at: NOW + 1 }),
      visit(code, { kind: "prefetch" }),
    ]);
    await recordClicks(db, [visit(code, { at: NOW + 9 })]);
    expect(await findLink({ db, keys }, code)).toMatchObject({
      clicks: 3,
      fetches: 2,
      clickedAt: NOW + 1,
    });
  });

  it("opened on a desk within two seconds of the text's arrival was scanned, not read", async () => {
    const link = aLink();
    const code = await theCode(link);
    const { noted } = await open(code, DESKTOP);
    expect(noted).toMatchObject([{ kind: "person", inDoubt: link.message }]);
    const kindWhen = async (arrived: number | null) =>
      (
        await settleDoubts(
          noted,
          async (ids) => new Map(arrived === null ? [] : ids.map((id) => [id, arrived])),
        )
      )[0]?.kind;
    expect(await kindWhen(NOW - 1_999)).toBe("bot");
    expect(await kindWhen(null)).toBe("bot");
    expect(await kindWhen(NOW - 2_000)).toBe("person");
  });

  it("whose text nobody can ask about takes no other visit with it", async () => {
    const doubted = aLink();
    const [one, other] = [await theCode(doubted), await theCode(aLink())];
    vi.spyOn(LogShard.prototype, "arrivals").mockRejectedValue(new Error("the log is down"));
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const works: Promise<unknown>[] = [];
    const { note } = links.opening((work) => void works.push(work));
    note(visit(one, { inDoubt: doubted.message }));
    note(visit(other));
    await Promise.all(works);
    expect(logged).toHaveBeenCalledOnce();
    vi.restoreAllMocks();
    expect(await findLink({ db, keys }, one)).toMatchObject({ clicks: 0, fetches: 1 });
    expect(await findLink({ db, keys }, other)).toMatchObject({ clicks: 1, fetches: 0 });
  });

  it("opened on a handset, or opened before, was opened by a person", async () => {
    const code = await theCode(aLink());
    const { noted } = await open(code, PHONE);
    expect(noted).toMatchObject([{ kind: "person", inDoubt: null }]);
    await recordClicks(db, noted);
    expect((await open(code, DESKTOP)).noted).toMatchObject([{ kind: "person", inDoubt: null }]);
  });

  it("is found by the last click of a number within a time", async () => {
    const toIndex = "1.clicker";
    const [first, second] = [aLink({ toIndex, campaign: "cmp_1" }), aLink({ toIndex })];
    const [one = "", two = ""] = await create([first, second]);
    await recordClicks(db, [
      visit(one, { at: NOW - DAY }),
      visit(two, { at: NOW - 2 * DAY }),
      visit(two, { at: NOW + DAY }),
      visit(two, { at: NOW - 1, kind: "bot" }),
    ]);
    const last = (from: number, to: number, storefront = "sto_links") =>
      lastClicked(db, storefront, ["1.other", toIndex], { from, to });
    expect(await last(NOW - 7 * DAY, NOW)).toEqual({
      message: first.message,
      campaign: "cmp_1",
      variant: null,
      at: NOW - DAY,
    });
    expect(await last(NOW - DAY + 1, NOW)).toBeNull();
    expect(await last(NOW, NOW + DAY)).toMatchObject({ message: second.message });
    expect(await last(NOW - 7 * DAY, NOW, "sto_other")).toBeNull();
  });

  it("of an erased person leads home, belongs to nobody, and its figures stay", async () => {
    const toIndex = "1.erased";
    const code = await theCode(aLink({ toIndex }));
    await recordClicks(db, [visit(code)]);
    expect(await linksOf({ db, keys }, [toIndex], null, 10)).toHaveLength(1);
    expect(await eraseLinksOf(db, [toIndex], "sto_other", NOW)).toBe(0);
    expect(await eraseLinksOf(db, [toIndex], null, NOW)).toBe(1);
    expect(await linksOf({ db, keys }, [toIndex], null, 10)).toEqual([]);
    expect((await open(code, PHONE)).location).toBe("https://shop.example/");
    expect(await findLink({ db, keys }, code)).toMatchObject({
      target: "",
      toIndex: null,
      clicks: 1,
    });
  });
});
