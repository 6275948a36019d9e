import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { UNRULED } from "../../src/compliance/policies.ts";
import { OpenTimes } from "../../src/compliance/quiet-hours.ts";
import { depsOf } from "../../src/deps.ts";
import { type CarryDeps, deliver, prepare } from "../../src/dispatch/carry.ts";
import type { CallReport, LeaseAnswer } from "../../src/dispatch/provider-account.ts";
import { sealedIn } from "../../src/messages/message.ts";
import type { WaitingMessage } from "../../src/messages/queued.ts";
import type { TextRequest } from "../../src/phone/texts.ts";
import type { Outcome } from "../../src/providers/provider.ts";
import { ACCEPTED, aBinding, anAccount, anOpenGate, aRow, rejected, UNKNOWN } from "./builders.ts";

const { keys } = depsOf(env);
const NOW = 1_000_000;
const twilio = anAccount("twilio");
const second = anAccount("twilio", { id: "acc_second" });

/** A row that can be opened, to a number of its own. */
function aSealedRow(change: Partial<WaitingMessage> = {}): WaitingMessage {
  const row = aRow({ queue: "twilio", route: ["acc_twilio", "acc_second"], ...change });
  return {
    ...row,
    toSealed: keys.seal(`+86139${row.id.slice(-8).padStart(8, "0")}`, sealedIn("to", row.id)),
    textSealed: keys.seal("【Shop】hello", sealedIn("text", row.id)),
    variablesSealed: keys.seal("{}", sealedIn("variables", row.id)),
    ...change,
  };
}

const someRows = (count: number) => Array.from({ length: count }, () => aSealedRow());

/** Carries rows where the vendor says what `answer` says; `change` puts something out of order. */
async function carried(
  rows: readonly WaitingMessage[],
  answer: () => Outcome,
  change: Partial<CarryDeps> = {},
  callMs = 1,
  isOvertaken = () => false,
) {
  const reports: CallReport[] = [];
  const errors: string[] = [];
  const released: string[] = [];
  let now = NOW;
  const clock = { now: () => now, wake: (at: number) => at, unwake: (at: number) => at };
  /** Requests that are leased and were not given back. */
  let leased = 0;
  const deps: CarryDeps = {
    keys,
    clock,
    now: clock.now,
    accounts: async () => [twilio, second],
    version: async () => ({
      version: 1,
      sender: "snd_1",
      body: "hello",
      variables: [],
      bindings: [aBinding("acc_twilio"), aBinding("acc_second")],
    }),
    number: () => ({
      admit: async () => ({ admitted: true, isFirst: false }),
      release: async (message) => void released.push(message),
    }),
    gate: () => ({
      ...anOpenGate,
      async lease(wanted) {
        leased += wanted;
        return { granted: wanted, retryAfterMs: 0, breaker: "closed", throttle: "none" };
      },
      async giveBack(unused) {
        leased -= unused;
      },
      report: async (report) => void reports.push(report),
    }),
    forgetLater: async () => {},
    callbackUrl: () => null,
    policies: async () => () => UNRULED,
    openTimes: new OpenTimes(),
    random: () => 0,
    pause: async () => {},
    giveWay: async () => {},
    stopOf: async () => null,
    reroute: async () => [],
    logError: (event) => errors.push(event),
    submit: async (_account, submissions) => {
      now += callMs;
      return submissions.map(answer);
    },
    ...change,
  };
  const { ready, settled: early } = await prepare(deps, "twilio", rows, isOvertaken);
  const settled = [...early, ...(await deliver(deps, ready))];
  return { settled, reports, errors, released, leased };
}

describe("carrying rows", () => {
  it("ends each in one settlement, whatever becomes of it", async () => {
    const rows = [
      ...someRows(3),
      aSealedRow({ expiresAt: NOW }),
      aSealedRow({ textSealed: "broken" }),
      aSealedRow({ route: ["acc_second"] }),
    ];
    const { settled } = await carried(rows, () => ACCEPTED);
    expect(settled.map((one) => one.id).sort()).toEqual(rows.map((row) => row.id).sort());
    const statuses = rows.map((row) => settled.find((one) => one.id === row.id)?.status);
    expect(statuses).toEqual(["sent", "sent", "sent", "expired", "sending", "sent"]);
  });

  it("tells the account of its calls in the order in which they ended", async () => {
    const answers = [ACCEPTED, UNKNOWN, ACCEPTED, UNKNOWN];
    const { reports } = await carried(someRows(4), () => answers.shift() ?? ACCEPTED);
    expect(reports).toEqual([{ calls: [true, false, true, false], throttledMs: null }]);
  });

  it("loses no outcome when neither the account nor the number can be told", async () => {
    const gone = () => Promise.reject(new Error("gone"));
    const { settled, errors } = await carried(someRows(2), () => rejected("permanent"), {
      number: () => ({ admit: async () => ({ admitted: true, isFirst: false }), release: gone }),
    });
    expect(settled.map((one) => [one.status, one.reason])).toEqual([
      ["failed", "invalid-number"],
      ["failed", "invalid-number"],
    ]);
    expect(errors).toEqual(["end-not-told", "end-not-told"]);
  });

  it("lets a text that was refused for good keep no other back", async () => {
    const rows = someRows(2);
    const answers = [ACCEPTED, rejected("permanent")];
    const { released } = await carried(rows, () => answers.shift() ?? ACCEPTED);
    expect(released).toEqual([rows[1]?.id]);
  });

  it("lets a number's first text leave once it is sure to be forgotten, and no sooner", async () => {
    const rows = someRows(3);
    const number = () => ({
      admit: async ({ message }: TextRequest) => ({
        admitted: true as const,
        isFirst: message !== rows[1]?.id,
      }),
      release: async () => {},
    });
    const arranged: string[][] = [];
    const well = await carried(rows, () => ACCEPTED, {
      number,
      forgetLater: async (names) => void arranged.push([...names]),
    });
    expect(well.settled.map(({ status }) => status)).toEqual(["sent", "sent", "sent"]);
    expect(arranged.map((names) => new Set(names).size)).toEqual([2]);
    const ill = await carried(rows, () => ACCEPTED, {
      number,
      forgetLater: () => Promise.reject(new Error("gone")),
    });
    const statusOf = (row: (typeof rows)[number]) =>
      ill.settled.find((one) => one.id === row.id)?.status;
    expect(rows.map(statusOf)).toEqual(["sending", "sent", "sending"]);
    expect(ill.errors).toEqual(["forgetting-not-arranged"]);
  });

  it("asks for the earlier of two texts to one number first, and for the other behind its answer", async () => {
    const rows = someRows(2).map((row) => {
      return { ...row, toSealed: keys.seal("+8613900000000", sealedIn("to", row.id)) };
    });
    const said: string[] = [];
    const admit: ReturnType<CarryDeps["number"]>["admit"] = async ({ message }) => {
      said.push(`asked ${message}`);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      said.push(`told ${message}`);
      return { admitted: true, isFirst: false };
    };
    await carried(rows, () => ACCEPTED, { number: () => ({ admit, release: async () => {} }) });
    expect(said).toEqual(rows.flatMap(({ id }) => [`asked ${id}`, `told ${id}`]));
  });

  it("puts rows back that nobody can lease a call for", async () => {
    const gate = {
      room: async () => ({
        granted: 1,
        retryAfterMs: 0,
        breaker: "closed" as const,
        throttle: "none" as const,
      }),
      lease: () => Promise.reject(new Error("gone")),
      giveBack: async () => {},
      report: async () => {},
      state: async () => ({ breaker: "closed" as const, perSecond: 1 }),
    };
    const { settled } = await carried(someRows(2), () => ACCEPTED, { gate: () => gate });
    expect(settled.map((one) => [one.status, one.queue, one.attempt])).toEqual([
      ["sending", "twilio", null],
      ["sending", "twilio", null],
    ]);
  });

  it("keeps no request of an account for rows that something overtook", async () => {
    let asked = 0;
    const early = await carried(
      someRows(60),
      () => ACCEPTED,
      {},
      1,
      () => true,
    );
    const late = await carried(
      someRows(60),
      () => ACCEPTED,
      {},
      1,
      () => ++asked > 10,
    );
    expect([early.leased, early.settled.length]).toEqual([0, 0]);
    expect([late.leased, late.settled.length]).toEqual([9, 9]);
  });

  it("asks no account for requests once something overtook the rows", async () => {
    const lease = () => Promise.reject(new Error("asked"));
    const gate = { lease, giveBack: lease, room: lease, report: lease, state: lease };
    const { errors } = await carried(
      someRows(3),
      () => ACCEPTED,
      { gate: () => gate },
      1,
      () => true,
    );
    expect(errors).toEqual([]);
  });

  it("begins no call after the leave of its number ended, and what was not called waits", async () => {
    const { settled } = await carried(someRows(40), () => UNKNOWN, {}, 10_000);
    const tried = settled.filter((one) => one.attempt !== null);
    expect(tried.length).toBeGreaterThan(0);
    expect(tried.length).toBeLessThan(10);
    for (const one of settled.filter((other) => other.attempt === null)) {
      expect(one).toMatchObject({ status: "sending", queue: "twilio" });
    }
  });

  it("holds a text whose quiet hours came near before its number was asked", async () => {
    const row = aSealedRow({ category: "marketing" });
    // Three and a half seconds before they begin in Shanghai.
    let now = Date.parse("2026-06-01T12:59:56.500Z");
    const { settled, leased } = await carried([row], () => ACCEPTED, {
      clock: { now: () => now, wake: (at) => at, unwake: (at) => at },
      policies: async () => () => ({
        ...UNRULED,
        quiet: { from: "21:00", to: "08:00", days_off: [] },
      }),
      giveWay: async () => {
        now += 600;
      },
    });
    expect(settled).toMatchObject([{ reason: "quiet-hours", queue: "twilio", attempt: null }]);
    expect(leased).toBe(0);
  });

  it("hands rows over whose account is throttled, one that its number holds back excepted", async () => {
    const throttled = { granted: 0, retryAfterMs: 2_000, breaker: "closed", throttle: "lasting" };
    const rows = [...someRows(2), aSealedRow({ reason: "number-frequency" })];
    const { settled } = await carried(rows, () => ACCEPTED, {
      gate: (account) => ({
        room: async () => ({ granted: 9, retryAfterMs: 0, breaker: "closed", throttle: "none" }),
        lease: async () => throttled as LeaseAnswer,
        giveBack: async () => {},
        report: () => Promise.reject(new Error(`${account} was called`)),
        state: async () => ({ breaker: "closed", perSecond: 1 }),
      }),
    });
    expect(settled.map((one) => [one.account, one.dueAt, one.isHandedOver])).toEqual([
      ["acc_second", NOW, true],
      ["acc_second", NOW, true],
      ["acc_twilio", NOW + 2_000, undefined],
    ]);
  });

  it("dodges no number's cap where the account rests", async () => {
    const rows = [aSealedRow(), aSealedRow({ reason: "number-frequency" })];
    const { settled } = await carried(rows, () => ACCEPTED, {
      gate: () => ({
        room: () => Promise.reject(new Error("asked")),
        lease: async () => ({
          ...{ granted: 0, retryAfterMs: 2_000 },
          ...{ breaker: "open", throttle: "none" },
        }),
        giveBack: async () => {},
        report: async () => {},
        state: async () => ({ breaker: "open", perSecond: 1 }),
      }),
    });
    expect(settled.map((one) => one.account)).toEqual(["acc_second", "acc_twilio"]);
  });

  it("writes another account down before it uses it, for a crash leaves only the row", async () => {
    const disabled = { ...twilio, enabled: false };
    const { settled, reports } = await carried(someRows(1), () => ACCEPTED, {
      accounts: async () => [disabled, second],
    });
    expect(settled).toMatchObject([
      { status: "sending", queue: "twilio", account: "acc_second", route: ["acc_second"] },
    ]);
    expect(settled[0]?.attempt).toBeNull();
    expect(reports).toEqual([]);
  });
});
