import { describe, expect, it } from "vitest";
import { type CallDeps, type CallSignal, makeCalls, planCalls } from "../../src/dispatch/calls.ts";
import type { Letter } from "../../src/dispatch/letters.ts";
import type { Outcome } from "../../src/providers/provider.ts";
import { ACCEPTED, aLetter, anAccount, rejected, THROTTLED, UNKNOWN } from "./builders.ts";

const aliyun = anAccount("aliyun");
const smsbao = anAccount("smsbao");
const tencent = anAccount("tencent");

const letters = (count: number, write: (index: number) => Letter): Letter[] =>
  Array.from({ length: count }, (_, index) => write(index));

const sizes = (of: readonly Letter[]): number[] => planCalls(of).map((call) => call.letters.length);

/** Makes the calls of the letters against a vendor that says what `answer` says. */
async function send(
  own: readonly Letter[],
  answer: (texts: readonly string[]) => readonly Outcome[] | Promise<readonly Outcome[]>,
  until: (letter: Letter) => number = () => Number.POSITIVE_INFINITY,
  stopOf: CallDeps["stopOf"] = async () => null,
) {
  const signals: CallSignal[] = [];
  const requests: number[] = [];
  let now = 0;
  const called = await makeCalls(
    {
      now: () => ++now,
      stopOf,
      submit: async (_account, submissions) => {
        requests.push(submissions.length);
        return answer(submissions.map((one) => one.messageId));
      },
      logError: () => {},
    },
    planCalls(own),
    (_account, signal) => signals.push(signal),
    until,
  );
  return { called, signals, requests };
}

describe("calls are planned", () => {
  it("as few as the vendor's own batch allows", () => {
    expect(sizes(letters(250, () => aLetter(aliyun)))).toEqual([100, 100, 50]);
    expect(sizes(letters(250, () => aLetter(tencent)))).toEqual([200, 50]);
    expect(sizes(letters(100, () => aLetter(smsbao)))).toEqual([99, 1]);
    expect(sizes(letters(3, () => aLetter(anAccount("twilio"))))).toEqual([1, 1, 1]);
  });

  it("with equal texts together where the vendor takes no other", () => {
    const mixed = letters(6, (index) =>
      aLetter(smsbao, { text: index % 2 === 0 ? "even" : "odd" }),
    );
    const planned = planCalls(mixed);
    expect(planned.map((call) => call.letters.map((one) => one.submission.text))).toEqual([
      ["even", "even", "even"],
      ["odd", "odd", "odd"],
    ]);
  });

  it("apart for each account", () => {
    const other = anAccount("aliyun", { id: "acc_other" });
    const planned = planCalls(letters(4, (index) => aLetter(index < 3 ? aliyun : other)));
    expect(planned.map((call) => [call.account.id, call.letters.length])).toEqual([
      ["acc_aliyun", 3],
      ["acc_other", 1],
    ]);
  });

  it("with no number twice in one, for receipts may name nothing else", () => {
    const to = "+8613900000001";
    const planned = planCalls(letters(3, () => aLetter(aliyun, { to })));
    expect(planned.map((call) => call.letters.length)).toEqual([1, 1, 1]);
  });
});

describe("a call", () => {
  it("gives each letter its own outcome", async () => {
    const own = letters(3, () => aLetter(tencent));
    const outcomes = [ACCEPTED, rejected("permanent"), THROTTLED];
    const { called } = await send(own, () => outcomes);
    expect(called.map((one) => one.letter.row.id)).toEqual(own.map((one) => one.row.id));
    expect(called.map((one) => one.outcome)).toEqual(outcomes);
    expect(called[0]?.startedAt).toBe(1);
  });

  it("whose answer is short leaves the rest unknown", async () => {
    const { called } = await send(
      letters(2, () => aLetter(tencent)),
      () => [ACCEPTED],
    );
    expect(called.map((one) => one.outcome.kind)).toEqual(["accepted", "unknown"]);
  });

  it("that one number spoiled is halved until the others are out", async () => {
    const own = letters(64, () => aLetter(smsbao));
    const bad = own[41]?.row.id ?? "";
    const { called, requests } = await send(own, (texts) =>
      texts.map(() => (texts.includes(bad) ? rejected("permanent") : ACCEPTED)),
    );
    const kinds = called.map((one) => [one.letter.row.id === bad, one.outcome.kind]);
    expect(kinds.filter(([isBad]) => isBad)).toEqual([[true, "rejected"]]);
    expect(kinds.filter(([isBad, kind]) => !isBad && kind === "accepted")).toHaveLength(63);
    expect(requests).toHaveLength(13);
  });

  it.each([
    ["unknown", UNKNOWN],
    ["throttled", THROTTLED],
    ["refused for the account", rejected("failover")],
  ])("that was %s as a whole is not made again", async (_, outcome) => {
    const { requests } = await send(
      letters(8, () => aLetter(smsbao)),
      (texts) => texts.map(() => outcome),
    );
    expect(requests).toEqual([8]);
  });

  it("that settles number by number is not halved", async () => {
    const { requests } = await send(
      letters(8, () => aLetter(tencent)),
      (texts) => texts.map(() => rejected("permanent")),
    );
    expect(requests).toEqual([8]);
  });

  it.each([
    ["good", [ACCEPTED, UNKNOWN]],
    ["good", [rejected("permanent")]],
    ["bad", [UNKNOWN]],
    ["bad", [rejected("failover")]],
    [{ throttledMs: 1_500 }, [THROTTLED, ACCEPTED]],
  ])("tells %j of the account by what all of it came to", async (signal, outcomes) => {
    const { signals } = await send(
      outcomes.map(() => aLetter(tencent)),
      () => outcomes,
    );
    expect(signals).toEqual([signal]);
  });

  it("begins in time or not at all", async () => {
    const own = letters(20, () => aLetter(anAccount("twilio")));
    const { called, requests } = await send(
      own,
      () => [ACCEPTED],
      () => 10,
    );
    expect(requests).toHaveLength(9);
    expect(called.map((one) => one.letter.row.id)).toEqual(
      own.slice(0, 9).map((one) => one.row.id),
    );
  });

  it("goes without the letters that it is too late for", async () => {
    const own = letters(8, () => aLetter(tencent));
    const [first] = own;
    const { called, requests } = await send(
      own,
      (texts) => texts.map(() => ACCEPTED),
      (letter) => (letter === first ? 0 : 10),
    );
    expect(requests).toEqual([7]);
    expect(called.map((one) => one.letter)).toEqual(own.slice(1));
  });

  it("that throws leaves its own texts unknown and no others", async () => {
    const own = letters(8, () => aLetter(anAccount("twilio")));
    const broken = own[2]?.row.id ?? "";
    const { called, signals } = await send(own, (texts) => {
      if (texts.includes(broken)) throw new Error("broken");
      return [ACCEPTED];
    });
    const kinds = own.map(({ row }) => (row.id === broken ? "unknown" : "accepted"));
    expect(called.map((one) => one.outcome.kind)).toEqual(kinds);
    expect(signals.filter((signal) => signal === "bad")).toHaveLength(1);
  });

  it("of which nobody can say whether it is stopped is not made, and the others are", async () => {
    const own = letters(8, () => aLetter(anAccount("twilio")));
    const [first, ...others] = own.map(({ row }) => row);
    const stopOf: CallDeps["stopOf"] = (row) =>
      row === first ? Promise.reject(new Error("gone")) : Promise.resolve(null);
    const { called, requests } = await send(own, () => [ACCEPTED], undefined, stopOf);
    expect(called.map((one) => one.letter.row.id)).toEqual(others.map((row) => row.id));
    expect(requests).toHaveLength(7);
  });

  it("waits for no more than five others", async () => {
    let open = 0;
    let most = 0;
    const { called } = await send(
      letters(40, () => aLetter(anAccount("twilio"))),
      async () => {
        most = Math.max(most, ++open);
        await scheduler.wait(2);
        open--;
        return [ACCEPTED];
      },
    );
    expect(called).toHaveLength(40);
    expect(most).toBe(6);
  });
});
