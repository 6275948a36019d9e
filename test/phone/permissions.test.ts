import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { permissionFault } from "../../src/phone/permissions.ts";
import { LEAVE_GOOD_FOR, type TextRequest } from "../../src/phone/texts.ts";
import type { PhoneNumberStub } from "../../src/verifications/plan.ts";

const SHOP = "sto_1";
const OPTED_OUT = { admitted: false, reason: "opted-out" };
const ADMITTED = { admitted: true, isFirst: expect.any(Boolean) };

let made = 0;
function aNumber() {
  const object = env.PHONE.getByName(`number-with-permissions-${++made}`);
  return { object, number: object as unknown as PhoneNumberStub };
}

const aText = (change: Partial<TextRequest> = {}): TextRequest => ({
  message: `msg_${++made}`,
  storefront: SHOP,
  category: "marketing",
  fingerprint: `words ${made}`,
  sameContentMs: 0,
  needsConsent: false,
  perDay: null,
  perWeek: null,
  once: null,
  ...change,
});

describe("what a number refuses", () => {
  it("is refused from the commit on, for its scope and storefront alone", async () => {
    const { number } = aNumber();
    expect(await number.admit(aText())).toEqual(ADMITTED);
    expect((await number.suppress(SHOP, "marketing", 1)).isNew).toBe(true);
    expect(await number.admit(aText())).toEqual(OPTED_OUT);
    expect(await number.admit(aText({ category: "notification" }))).toEqual(ADMITTED);
    expect(await number.admit(aText({ storefront: "sto_2" }))).toEqual(ADMITTED);
    expect((await number.suppress(SHOP, "marketing", 2)).isNew).toBe(false);
    await number.suppress(SHOP, "all", 3);
    expect(await number.admit(aText({ category: "notification" }))).toEqual(OPTED_OUT);
  });

  it("holds for a text that was let go before and asks again", async () => {
    const { number } = aNumber();
    const text = aText();
    await number.admit(text);
    await number.suppress(SHOP, "marketing", 1);
    expect(await number.admit(text)).toEqual(OPTED_OUT);
  });

  it("is effective once no leave given before is good any more", async () => {
    const { number } = aNumber();
    const before = Date.now();
    await number.admit(aText());
    const { effectiveAt } = await number.suppress(SHOP, "marketing", 1);
    expect(effectiveAt).toBeGreaterThanOrEqual(before + LEAVE_GOOD_FOR);
    const again = await number.suppress(SHOP, "marketing", 2);
    expect(again.effectiveAt).toBe(effectiveAt);
    const told = aNumber().number;
    await told.admit(aText({ category: "notification" }));
    expect((await told.suppress(SHOP, "marketing", 1)).effectiveAt).toBeLessThan(before);
    const all = (await told.suppress(SHOP, "all", 1)).effectiveAt;
    expect(all).toBeGreaterThanOrEqual(before + LEAVE_GOOD_FOR);
    const untouched = await aNumber().number.suppress(SHOP, "marketing", 1);
    expect(untouched.effectiveAt).toBeLessThan(before);
  });

  it("lets none of 500 texts through that ask after it, wherever it falls among them", async () => {
    const { number } = aNumber();
    let isOut = false;
    const late: unknown[] = [];
    await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        if (index === 250) {
          await number.suppress(SHOP, "marketing", 1);
          isOut = true;
          late.push(await number.admit(aText()));
        }
        const asked = isOut;
        const answer = await number.admit(aText());
        if (asked) late.push(answer);
      }),
    );
    expect(late).toContainEqual(OPTED_OUT);
    expect(late).not.toContainEqual(ADMITTED);
  });

  it("outlives the object's memory and the forgetting of all else", async () => {
    const { object, number } = aNumber();
    await number.suppress(SHOP, "marketing", 1);
    await number.admit(aText({ category: "notification" }));
    await evictDurableObject(object);
    await runDurableObjectAlarm(object);
    expect(await number.admit(aText())).toEqual(OPTED_OUT);
    expect(await number.permissions(SHOP)).toEqual({ suppressed: { marketing: 1 }, consented: {} });
  });

  it("is taken back by its scope, and consent does not do that", async () => {
    const { number } = aNumber();
    await number.suppress(SHOP, "marketing", 1);
    await number.grant(SHOP, "marketing", 2);
    expect(await number.admit(aText())).toEqual(OPTED_OUT);
    expect(await number.lift(SHOP, "all")).toBe(false);
    const before = Date.now();
    expect(await number.lift(SHOP, "marketing")).toBe(true);
    const { suppressed, lifted } = await number.permissions(SHOP);
    expect(suppressed).toEqual({});
    expect(lifted?.marketing).toBeGreaterThanOrEqual(before);
    expect(await number.admit(aText({ needsConsent: true }))).toEqual(ADMITTED);
  });
});

describe("what a number agreed to", () => {
  it.each([
    { consented: {}, category: "marketing", fault: "no-consent" },
    { consented: { marketing: 1 }, category: "marketing", fault: null },
    { consented: { all: 1 }, category: "marketing", fault: null },
    { consented: { marketing: 1 }, category: "notification", fault: "no-consent" },
    { consented: { all: 1 }, category: "notification", fault: null },
  ] as const)("$consented lets a $category go: $fault", ({ consented, category, fault }) => {
    const text = { category, needsConsent: true };
    expect(permissionFault({ suppressed: {}, consented }, text)).toBe(fault);
  });
});
