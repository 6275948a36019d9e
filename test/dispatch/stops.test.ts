import { expect, it } from "vitest";
import { type CallDeps, makeCalls, planCalls } from "../../src/dispatch/calls.ts";
import { hold } from "../../src/dispatch/settle.ts";
import { ACCEPTED, aLetter, anAccount, aRow } from "./builders.ts";

const WHY = { en: "Marketing is stopped by an operator.", zh: "营销短信已被运营人员暂停。" };
const aliyun = anAccount("aliyun");

/** Calls for letters of which `isStopped` says, right before each call, whether they may leave. */
async function called(letters: number, isStopped: (call: number) => boolean) {
  const sent: string[] = [];
  let calls = 0;
  const deps: CallDeps = {
    now: () => 0,
    stopOf: async () => (isStopped(calls) ? WHY : null),
    submit: async (_account, submissions) => {
      calls++;
      sent.push(...submissions.map((one) => one.messageId));
      return submissions.map(() => ACCEPTED);
    },
    logError: () => {},
  };
  const planned = planCalls(Array.from({ length: letters }, () => aLetter(aliyun)));
  const made = await makeCalls(
    deps,
    planned,
    () => {},
    () => Number.POSITIVE_INFINITY,
  );
  return { sent, made: made.map((one) => one.letter.row.id) };
}

it("letters that were prepared before a stop do not leave after it", async () => {
  expect(await called(3, () => true)).toEqual({ sent: [], made: [] });
});

it("a stop amid a batch lets no further call begin, and each text is accounted for", async () => {
  // Seven calls of a hundred: six begin at once, the seventh after the first of them.
  const { sent, made } = await called(700, (calls) => calls > 0);
  expect(sent).toHaveLength(600);
  expect(made).toEqual(sent);
});

it("what is held says why once, waits under that reason, and no longer than it is of use", () => {
  const row = aRow({ expiresAt: 500 });
  const held = hold(row, 1_000, WHY);
  expect(held).toMatchObject({ queue: "aliyun", reason: "stopped", dueAt: 500, attempt: null });
  expect(held.step).toEqual({ step: "dispatch", verdict: "held", ...WHY });
  expect(hold({ ...row, reason: "stopped" }, 1_000, WHY)).toMatchObject({
    reason: "stopped",
    step: null,
  });
});
