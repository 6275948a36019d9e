import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { recordConsent } from "../../src/compliance/permissions/change.ts";
import { consentsOf, pageComplaints } from "../../src/compliance/permissions/store.ts";
import { MINUTE, SECOND } from "../../src/lib/time.ts";
import { abroad, aNumber, anInbox } from "./builders.ts";

const CONFIRMED = { "opt-out-confirmed": "You are out." };

describe("an opt-out by reply", () => {
  it("holds for the shop that wrote last by that account, and is confirmed once", async () => {
    const inbox = await anInbox(CONFIRMED);
    const to = aNumber();
    inbox.sends(to);
    inbox.sends(to, { storefront: inbox.first.id, account: "acc_2" });
    const reply = await inbox.says(to, "TD");
    expect(reply).toMatchObject({ intent: "opt-out", status: "done", storefront: inbox.shop.id });
    expect(await inbox.isOut(to)).toBe(true);
    expect(await inbox.isOut(to, inbox.first.id)).toBe(false);
    expect(await inbox.says(to, "T")).toMatchObject({ intent: "opt-out", answer: null });
    expect(await inbox.texts()).toEqual(["【Shop】You are out."]);
  });

  it("in words that say more is in force and read by a person", async () => {
    const inbox = await anInbox(CONFIRMED);
    const to = aNumber();
    inbox.sends(to);
    const reply = await inbox.says(to, "stop the order");
    expect(reply).toMatchObject({ intent: "opt-out", status: "open" });
    expect(await inbox.isOut(to)).toBe(true);
  });

  it("is handled once no text that was let go before can leave, and else says that it is not", async () => {
    const inbox = await anInbox();
    const to = aNumber();
    inbox.sends(to);
    const waited: number[] = [];
    const { keeper } = inbox.deps.permissions;
    const now = inbox.deps.clock.now();
    Object.assign(inbox.deps.permissions, {
      wait: async (ms: number) => void waited.push(ms),
      keeper: (e164: string) => ({
        permissions: (shop: string) => keeper(e164).permissions(shop),
        suppress: async () => ({ isNew: true, effectiveAt: now + 1_234 }),
      }),
    });
    expect(await inbox.attend(await inbox.hears(to, "TD"))).toBe(true);
    expect(waited).toEqual([1_234]);
    Object.assign(inbox.deps.permissions, {
      wait: () => Promise.reject(new Error("interrupted")),
    });
    expect(await inbox.attend(await inbox.hears(to, "TD"))).toBe(false);
    expect(inbox.errors).toHaveLength(1);
  });

  it("handled by several at once, and again, is confirmed once", async () => {
    const inbox = await anInbox(CONFIRMED);
    const to = aNumber();
    inbox.sends(to);
    const id = await inbox.hears(to, "TD");
    await Promise.all(Array.from({ length: 8 }, () => inbox.attend(id)));
    await inbox.attend(id);
    expect(await inbox.texts()).toHaveLength(1);
    expect(inbox.errors).toEqual([]);
  });

  it("that a crash parted from its confirmation is confirmed by the tick", async () => {
    const inbox = await anInbox(CONFIRMED);
    const to = aNumber();
    inbox.sends(to);
    const id = await inbox.hears(to, "TD");
    const { open } = inbox.deps;
    const broken = await open();
    Object.assign(inbox.deps, {
      open: async () => ({
        ...broken,
        accepting: { ...broken.accepting, store: () => Promise.reject(new Error("killed")) },
      }),
    });
    await inbox.attend(id);
    expect(await inbox.isOut(to)).toBe(true);
    expect(inbox.errors).toHaveLength(1);
    Object.assign(inbox.deps, { open });
    await inbox.tick();
    expect(await inbox.texts()).toEqual([]);
    inbox.pass(9 * SECOND);
    await inbox.tick();
    expect(await inbox.texts()).toHaveLength(1);
    expect(await inbox.newest(to)).toMatchObject({ intent: "opt-out", status: "done" });
  });

  it("is not confirmed without words for it, nor after five minutes, and holds all the same", async () => {
    const wordless = await anInbox();
    const late = await anInbox(CONFIRMED);
    for (const inbox of [wordless, late]) {
      const to = aNumber();
      inbox.sends(to);
      await inbox.hears(to, "TD");
      if (inbox === late) inbox.pass(5 * MINUTE);
      inbox.pass(3 * SECOND);
      await inbox.tick();
      expect(await inbox.isOut(to)).toBe(true);
      expect(await inbox.texts()).toEqual([]);
    }
  });

  it("that answers no text known holds for both numbers that it may be from, and tells neither", async () => {
    const inbox = await anInbox(CONFIRMED);
    await inbox.says("+8613105550177", "STOP");
    expect(await inbox.isOut("+8613105550177", inbox.first.id)).toBe(true);
    expect(await inbox.isOut("+13105550177", inbox.first.id)).toBe(true);
    expect(await inbox.texts(inbox.first.id)).toEqual([]);
  });

  it("is of the number abroad whose text it answers, by that country's words", async () => {
    const inbox = await anInbox(CONFIRMED);
    inbox.sends("+13105550188");
    await inbox.says("+8613105550188", "quit");
    expect(await inbox.newest("+13105550188")).toMatchObject({ intent: "opt-out" });
    expect(await inbox.isOut("+13105550188")).toBe(true);
    expect(await inbox.isOut("+8613105550188")).toBe(false);
    expect(await inbox.texts()).toHaveLength(1);
  });
});

describe("START", () => {
  const agreed = async (inbox: Awaited<ReturnType<typeof anInbox>>, to: string) =>
    recordConsent(inbox.deps.permissions, {
      storefront: inbox.shop.id,
      to,
      scope: "marketing",
      source: "checkout",
      textVersion: "1",
      at: 1,
      evidence: null,
    });

  it.each([
    ["signed, abroad and with an earlier consent", abroad, true, true, false, null],
    ["without its vendor's signature", abroad, false, true, true, "start-not-verified"],
    ["without an earlier consent", abroad, true, false, true, "start-without-consent"],
    ["in the mainland", aNumber, true, true, true, "start-needs-consent"],
  ])("%s", async (_, aNumberThere, verified, hasConsent, staysOut, reason) => {
    const inbox = await anInbox();
    const to = aNumberThere();
    inbox.sends(to);
    if (hasConsent) await agreed(inbox, to);
    await inbox.says(to, "STOP");
    const reply = await inbox.says(to, "START", { verified });
    expect(await inbox.isOut(to)).toBe(staysOut);
    expect(reply).toMatchObject({ intent: "start", status: staysOut ? "open" : "done", reason });
    const { db, keys } = inbox.deps;
    const consents = await consentsOf(db, inbox.shop.id, keys.blindIndexes(to), 10);
    expect(consents).toHaveLength(hasConsent ? 1 : 0);
  });

  it("that is handled late takes back no later STOP", async () => {
    const inbox = await anInbox();
    const to = abroad();
    inbox.sends(to);
    await agreed(inbox, to);
    const late = await inbox.hears(to, "START", { verified: true });
    inbox.pass(1_000);
    await inbox.says(to, "STOP");
    await inbox.attend(late);
    expect(await inbox.isOut(to)).toBe(true);
  });

  it("or YES of somebody who is not out may answer a question", async () => {
    const inbox = await anInbox();
    const to = aNumber();
    inbox.sends(to);
    await inbox.rule({ keywords: ["yes"], survey: "again" });
    const reply = await inbox.says(to, "Yes!");
    expect(reply).toMatchObject({ intent: "keyword", tags: { "survey:again": "yes" } });
  });
});

describe("HELP", () => {
  it("is answered where there is an answer, else read by a person", async () => {
    const helpful = await anInbox({ help: "Call 400." });
    const wordless = await anInbox();
    for (const [inbox, status, reason] of [
      [helpful, "done", null],
      [wordless, "open", "not-answered"],
    ] as const) {
      const to = aNumber();
      inbox.sends(to);
      expect(await inbox.says(to, "help")).toMatchObject({ intent: "help", status, reason });
    }
    expect(await helpful.texts()).toEqual(["【Shop】Call 400."]);
  });

  it("asked by a machine is answered five times an hour", async () => {
    const inbox = await anInbox({ help: "Call 400." });
    const to = aNumber();
    inbox.sends(to);
    for (let i = 0; i < 5; i++) await inbox.says(to, "help");
    expect(await inbox.says(to, "help")).toMatchObject({ reason: "answered-enough" });
    expect(await inbox.texts()).toHaveLength(5);
    inbox.pass(60 * MINUTE);
    expect(await inbox.says(to, "help")).toMatchObject({ status: "done" });
  });
});

describe("a complaint by reply", () => {
  it("ends offers and is on record once, however often it is handled", async () => {
    const inbox = await anInbox();
    const to = aNumber();
    inbox.sends(to);
    const id = await inbox.hears(to, "投诉！");
    await Promise.all([inbox.attend(id), inbox.attend(id)]);
    expect(await inbox.newest(to)).toMatchObject({ intent: "complaint", status: "open" });
    expect(await inbox.isOut(to)).toBe(true);
    const complaints = await pageComplaints(inbox.deps.db, inbox.shop.id, undefined, 10);
    expect(complaints).toMatchObject([{ source: "reply" }]);
  });
});

describe("a keyword rule", () => {
  it("tags, answers and tells; the oldest that matches and is on holds", async () => {
    const inbox = await anInbox({ coupon: "Code: GOOSE" });
    const to = aNumber();
    inbox.sends(to);
    await inbox.rule({ tag: "off", enabled: false });
    await inbox.rule({ tag: "sale", answer: "coupon", event: "coupon.asked" });
    await inbox.rule({ tag: "later" });
    const reply = await inbox.says(to, "sale 😀");
    expect(reply).toMatchObject({ intent: "keyword", status: "done", tags: { sale: true } });
    expect(inbox.tagged).toEqual([[to, { tag_sale: true }]]);
    expect(inbox.events).toMatchObject([{ id: reply?.key, name: "coupon.asked", to }]);
    expect(await inbox.texts()).toEqual(["【Shop】Code: GOOSE"]);
  });

  it("whose answer can't be sent leaves the reply to a person", async () => {
    const inbox = await anInbox({ coupon: "Code: {{code}}" });
    const to = aNumber();
    inbox.sends(to);
    await inbox.rule({ answer: "coupon" });
    expect(await inbox.says(to, "sale")).toMatchObject({ status: "open", reason: "not-answered" });
  });

  it("never comes before an opt-out", async () => {
    const inbox = await anInbox();
    const to = aNumber();
    inbox.sends(to);
    await inbox.rule({ keywords: ["td"], tag: "fan" });
    expect(await inbox.says(to, "TD")).toMatchObject({ intent: "opt-out", tags: {} });
  });
});

describe("replies that fail", () => {
  it("come again ever more seldom, and keep nobody else's back", async () => {
    const inbox = await anInbox();
    const [broken, sound] = [aNumber(), aNumber()];
    inbox.sends(sound);
    const id = await inbox.hears(broken, "hello", { textSealed: "1.a.b" });
    await inbox.hears(sound, "hello");
    const tries = async () =>
      (await env.DB.prepare("SELECT tries FROM replies WHERE id = ?1").bind(id).first())?.tries;
    inbox.pass(3 * SECOND);
    await inbox.tick();
    await inbox.tick();
    expect(await inbox.newest(sound)).toMatchObject({ intent: "text", status: "open" });
    expect(await tries()).toBe(1);
    inbox.pass(6 * SECOND);
    await inbox.tick();
    await inbox.tick();
    expect(await tries()).toBe(2);
    await env.DB.prepare("DELETE FROM replies WHERE id = ?1").bind(id).run();
  });
});
