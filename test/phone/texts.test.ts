import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { NumberGate } from "../../src/dispatch/carry.ts";
import { SECOND } from "../../src/lib/time.ts";
import type { TextRequest } from "../../src/phone/texts.ts";

const WINDOW = 60 * SECOND;
const SAME_CONTENT = { admitted: false, reason: "same-content" };
const ADMITTED = { admitted: true };

let made = 0;
const aNumber = () => {
  const object = env.PHONE.getByName(`number-of-texts-${++made}`);
  return { object, gate: object as unknown as NumberGate };
};

const aText = (change: Partial<TextRequest> = {}): TextRequest => ({
  message: `msg_${++made}`,
  category: "notification",
  fingerprint: "same words",
  sameContentMs: WINDOW,
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

  it("are forgotten after a day, and the number with them when it has nothing else", async () => {
    const { object, gate } = aNumber();
    await gate.admit(aText());
    await runDurableObjectAlarm(object);
    expect(await texts(object)).toBe(1);
    await age(object, 24 * 3600 * SECOND);
    await runDurableObjectAlarm(object);
    expect(await texts(object)).toBeNull();
    expect(await gate.admit(aText())).toEqual(ADMITTED);
  });
});
