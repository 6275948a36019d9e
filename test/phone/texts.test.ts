import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { NumberGate } from "../../src/dispatch/ask-numbers.ts";
import { DAY, SECOND } from "../../src/lib/time.ts";
import type { TextRequest } from "../../src/phone/texts.ts";
import type { PhoneNumberStub } from "../../src/verifications/plan.ts";

const WINDOW = 60 * SECOND;
const SAME_CONTENT = { admitted: false, reason: "same-content" };
const FIRST = { admitted: true, isFirst: true };
const ADMITTED = { admitted: true, isFirst: expect.any(Boolean) };

let made = 0;
const aNumber = () => {
  const object = env.PHONE.getByName(`number-of-texts-${++made}`);
  return { object, gate: object as unknown as NumberGate };
};

const aText = (change: Partial<TextRequest> = {}): TextRequest => ({
  message: `msg_${++made}`,
  storefront: "sto_1",
  category: "notification",
  fingerprint: "same words",
  sameContentMs: WINDOW,
  needsConsent: false,
  once: null,
  perDay: null,
  perWeek: null,
  ...change,
});

/** Moves all that the number remembers into the past. */
const age = (object: ReturnType<typeof aNumber>["object"], ms: number) =>
  runInDurableObject(object, (_, state) => {
    state.storage.sql.exec("UPDATE texts SET at = at - ?", ms);
  });

const texts = (object: ReturnType<typeof aNumber>["object"]) =>
  runInDurableObject(object, (_, state) => {
    const [table] = state.storage.sql
      .exec("SELECT 1 FROM sqlite_master WHERE name = 'texts'")
      .toArray();
    return table ? state.storage.sql.exec("SELECT message FROM texts").toArray().length : null;
  });

describe("the texts of a number", () => {
  it("of one run of a campaign are one, whoever brings it, until that one is let go", async () => {
    const { gate } = aNumber();
    const run = { category: "marketing", once: "cmp_1 1" } as const;
    const first = aText({ ...run, fingerprint: "a" });
    expect(await gate.admit(first)).toEqual(ADMITTED);
    expect(await gate.admit(first)).toEqual(ADMITTED);
    const again = aText({ ...run, fingerprint: "b" });
    expect(await gate.admit(again)).toEqual(SAME_CONTENT);
    expect(await gate.admit(aText({ ...run, fingerprint: "c", once: "cmp_1 2" }))).toEqual(
      ADMITTED,
    );
    await gate.release(first.message);
    expect(await gate.admit(again)).toEqual(ADMITTED);
  });

  it("are judged beforehand as they would be then, and nothing is remembered", async () => {
    const { object } = aNumber();
    const judge = (text: TextRequest) => (object as unknown as PhoneNumberStub).judge(text);
    const text = aText({ perDay: 1 });
    expect([await judge(text), await judge(text), await texts(object)]).toEqual([null, null, null]);
    expect(await judge(aText({ perDay: 0 }))).toBe("cap-exceeded");
    await (object as unknown as NumberGate).admit(text);
    expect(await judge(aText({ perDay: 1, fingerprint: "other" }))).toBe("cap-exceeded");
    expect(await judge(aText())).toBe("same-content");
  });

  it("keep an equal one back for its window, and no other", async () => {
    const { object, gate } = aNumber();
    expect(await gate.admit(aText())).toEqual(ADMITTED);
    expect(await gate.admit(aText())).toEqual(SAME_CONTENT);
    expect(await gate.admit(aText({ fingerprint: "other words" }))).toEqual(ADMITTED);
    expect(await aNumber().gate.admit(aText())).toEqual(ADMITTED);
    await age(object, WINDOW - 5 * SECOND);
    expect(await gate.admit(aText())).toEqual(SAME_CONTENT);
    await age(object, 5 * SECOND);
    expect(await gate.admit(aText())).toEqual(ADMITTED);
  });

  it("let one of many equal ones through that come at the same time", async () => {
    const { gate } = aNumber();
    const answers = await Promise.all(Array.from({ length: 50 }, () => gate.admit(aText())));
    expect(answers.filter((answer) => answer.admitted)).toHaveLength(1);
  });

  it("say the same again of the same message, so that its retry is not kept back", async () => {
    const { gate } = aNumber();
    const first = aText();
    const second = aText();
    await gate.admit(first);
    expect(await gate.admit(second)).toEqual(SAME_CONTENT);
    expect(await gate.admit(first)).toEqual(ADMITTED);
    expect(await gate.admit(second)).toEqual(SAME_CONTENT);
  });

  it("that were refused for good keep no other back", async () => {
    const { gate } = aNumber();
    const refused = aText();
    await gate.admit(refused);
    await gate.release(refused.message);
    expect(await gate.admit(aText())).toEqual(ADMITTED);
  });

  it("have no window where it is 0 seconds long", async () => {
    const { gate } = aNumber();
    await gate.admit(aText({ sameContentMs: 0 }));
    expect(await gate.admit(aText({ sameContentMs: 0 }))).toEqual(ADMITTED);
  });

  it("are remembered when the object's memory is gone", async () => {
    const { object, gate } = aNumber();
    await gate.admit(aText());
    await evictDurableObject(object);
    expect(await gate.admit(aText())).toEqual(SAME_CONTENT);
  });

  it("have no alarm of their own: whoever brings the first has the number visited", async () => {
    const { object, gate } = aNumber();
    const first = aText();
    expect(await gate.admit(first)).toEqual(FIRST);
    expect(await runInDurableObject(object, (_, state) => state.storage.getAlarm())).toBeNull();
    expect(await gate.admit(first), "asked again after a crash").toEqual(FIRST);
    const second = aText({ fingerprint: "other words" });
    expect(await gate.admit(second)).toEqual({ admitted: true, isFirst: false });
    expect(await gate.admit(second)).toEqual({ admitted: true, isFirst: false });
  });

  it("of one run of a campaign, asked again, are still the first", async () => {
    const { gate } = aNumber();
    const offer = aText({ category: "marketing", once: "cmp_1 1" });
    expect([await gate.admit(offer), await gate.admit(offer)]).toEqual([FIRST, FIRST]);
  });

  it("are forgotten after a week, and the number with them when it has nothing else", async () => {
    const { object, gate } = aNumber();
    const number = object as unknown as PhoneNumberStub;
    await gate.admit(aText());
    await age(object, 3 * DAY);
    await gate.admit(aText({ fingerprint: "other words" }));
    expect(await number.forget()).toBeGreaterThan(Date.now() + 3 * DAY);
    await age(object, 4 * DAY);
    expect(await number.forget()).toBeGreaterThan(Date.now() + 2 * DAY);
    expect(await texts(object)).toBe(1);
    await age(object, 3 * DAY);
    expect(await number.forget()).toBeNull();
    expect(await texts(object)).toBeNull();
    expect(await gate.admit(aText())).toEqual(FIRST);
  });

  it("forgotten or not, a person's word stays", async () => {
    const { object, gate } = aNumber();
    const number = object as unknown as PhoneNumberStub;
    await gate.admit(aText());
    await number.suppress("sto_1", "marketing", Date.now());
    await age(object, 7 * DAY);
    expect(await number.forget()).toBeNull();
    expect(await gate.admit(aText({ category: "marketing" }))).toMatchObject({
      reason: "opted-out",
    });
  });

  it("of an earlier version, which set an alarm, are forgotten by it", async () => {
    const { object, gate } = aNumber();
    await gate.admit(aText());
    await runInDurableObject(object, (_, state) => state.storage.setAlarm(Date.now() + DAY));
    await age(object, 7 * DAY);
    await runDurableObjectAlarm(object);
    expect(await texts(object)).toBeNull();
  });

  it("count against a cap of the day and of the week, exactly, by their category alone", async () => {
    const { object, gate } = aNumber();
    const offer = () =>
      aText({ category: "marketing", fingerprint: `words ${++made}`, perDay: 2, perWeek: 3 });
    const burst = await Promise.all(Array.from({ length: 100 }, () => gate.admit(offer())));
    expect(burst.filter((one) => one.admitted)).toHaveLength(2);
    expect(await gate.admit(offer())).toEqual({ admitted: false, reason: "cap-exceeded" });
    expect(await gate.admit(aText())).toEqual(ADMITTED);
    await age(object, DAY);
    expect(await gate.admit(offer())).toEqual(ADMITTED);
    await age(object, DAY);
    expect(await gate.admit(offer())).toEqual({ admitted: false, reason: "cap-exceeded" });
    await age(object, 5 * DAY);
    expect(await gate.admit(offer())).toEqual(ADMITTED);
  });

  it("that did not go out count against no cap", async () => {
    const { gate } = aNumber();
    const first = aText({ perDay: 1 });
    await gate.admit(first);
    await gate.release(first.message);
    expect(await gate.admit(aText({ perDay: 1 }))).toEqual(ADMITTED);
  });
});
