import { expect, it } from "vitest";
import { UNRULED } from "../../src/compliance/policies.ts";
import { OpenTimes } from "../../src/compliance/quiet-hours.ts";
import { type DrainDeps, drain } from "../../src/dispatch/drain.ts";
import { openKeys } from "../../src/lib/keys.ts";
import { randomBytes } from "../../src/lib/random.ts";
import { sealedIn } from "../../src/messages/message.ts";
import type { QueueShard } from "../../src/messages/queue-shard.ts";
import type { WaitingMessage } from "../../src/messages/queued.ts";
import { ACCEPTED, aBinding, anAccount, aRow } from "./builders.ts";

const key = btoa("k".repeat(32));
const keys = openKeys({ identityKey: key, dataKeys: `1:${key}` }, randomBytes);
const twilio = anAccount("twilio");

function aText(category: "notification" | "marketing"): WaitingMessage {
  const { id, ...row } = aRow({ category, urgency: category === "marketing" ? 2 : 1 });
  const number = `+8613${id.replace(/\D/g, "").padStart(9, "0")}`;
  return {
    ...row,
    id,
    queue: "twilio",
    route: ["acc_twilio"],
    toSealed: keys.seal(number, sealedIn("to", id)),
    textSealed: keys.seal("hello", sealedIn("text", id)),
    variablesSealed: keys.seal("{}", sealedIn("variables", id)),
  };
}

/** One database with these texts; tells what was claimed at once, and what was submitted in turn. */
function aQueue(texts: WaitingMessage[], onAdmit: (deps: DrainDeps) => void, isBusy = false) {
  const waiting = new Map(texts.map((row) => [row.id, row]));
  const claims: number[] = [];
  const looks: number[] = [];
  const submitted: string[] = [];
  const queue = {
    async peek(_provider: string, _now: number, most: number, upTo = 2) {
      const rows = [...waiting.values()].filter((row) => row.urgency <= upTo);
      looks.push(most);
      const first = Math.min(...rows.map((row) => row.urgency));
      return rows.filter((row) => row.urgency === first).slice(0, most);
    },
    async claim(rows: readonly WaitingMessage[]) {
      const taken = rows.filter((row) => waiting.delete(row.id));
      claims.push(taken.length);
      return new Set(taken.map((row) => row.id));
    },
    settle: async () => {},
    put: () => Promise.reject(new Error("all of them may leave")),
  } as unknown as QueueShard;
  const deps: DrainDeps = {
    keys,
    clock: { now: () => 1_000, wake: (at) => at, unwake: (at) => at },
    now: () => 1_000,
    queues: [queue],
    urgent: new Set(),
    isBusy: () => isBusy,
    newClaim: () => "claim",
    wake: async () => {},
    wakeAt: async () => {},
    wait: async () => {},
    pause: async () => {},
    giveWay: async () => {},
    accounts: async () => [twilio],
    version: async () => ({
      ...{ version: 1, sender: "snd_1", body: "hello", variables: [] },
      bindings: [aBinding("acc_twilio")],
    }),
    number: () => ({
      async admit() {
        onAdmit(deps);
        return { admitted: true };
      },
      release: async () => {},
    }),
    gate: () => ({
      room: async () => ({ granted: 100, retryAfterMs: 0, breaker: "closed" }),
      lease: async (wanted) => ({ granted: wanted, retryAfterMs: 0, breaker: "closed" }),
      giveBack: async () => {},
      report: async () => {},
      state: async () => ({ breaker: "closed", perSecond: 1 }),
    }),
    callbackUrl: () => null,
    policies: async () => () => UNRULED,
    openTimes: new OpenTimes(),
    random: () => 0,
    stopOf: async () => null,
    reroute: async () => [],
    logError: (event, error) => {
      throw new Error(event, { cause: error });
    },
    async submit(_account, submissions) {
      submitted.push(...submissions.map((one) => one.messageId));
      return submissions.map(() => ACCEPTED);
    },
  };
  return { deps, waiting, claims, looks, submitted };
}

it("a notification that comes while marketing is prepared leaves before it, and nothing is lost", async () => {
  const offers = Array.from({ length: 30 }, () => aText("marketing"));
  const late = aText("notification");
  let asked = 0;
  const { deps, waiting, submitted } = aQueue(offers, ({ urgent }) => {
    if (++asked !== 10) return;
    waiting.set(late.id, late);
    urgent.add("twilio");
  });
  await drain(deps, { provider: "twilio" });
  expect(submitted[0]).toBe(late.id);
  expect(submitted.toSorted()).toEqual([late, ...offers].map(({ id }) => id).toSorted());
});

it("finds the rows of three turns with one look", async () => {
  const texts = Array.from({ length: 250 }, () => aText("notification"));
  const { deps, claims, looks } = aQueue(texts, () => {});
  await drain(deps, { provider: "twilio" });
  expect(claims).toEqual([100, 100, 50]);
  // The second finds nothing.
  expect(looks).toEqual([300, 300]);
});

it("looks again at rows that it found a while ago", async () => {
  const texts = Array.from({ length: 150 }, () => aText("notification"));
  let now = 1_000;
  const { deps, claims, looks } = aQueue(texts, () => {});
  Object.assign(deps.clock, { now: () => now });
  for (const queue of deps.queues) {
    const claim = queue.claim.bind(queue);
    const slowly = (...wanted: Parameters<typeof claim>) => {
      now += 2_100;
      return claim(...wanted);
    };
    Object.assign(queue, { claim: slowly });
  }
  await drain(deps, { provider: "twilio" });
  expect([claims, looks.length]).toEqual([[100, 50], 3]);
});

it("comes to an end though the leaves of a hundred numbers end before the last is given", async () => {
  const offers = Array.from({ length: 100 }, () => aText("marketing"));
  let now = 1_000;
  let asked = 0;
  const { deps, waiting, claims, submitted } = aQueue(offers, () => {
    asked++;
    now += 40;
  });
  const texts = new Map(offers.map((row) => [row.id, row]));
  for (const queue of deps.queues) {
    const claim = queue.claim.bind(queue);
    const settle: QueueShard["settle"] = async (_claim, settled) => {
      for (const one of settled) {
        const row = one.queue === null ? undefined : texts.get(one.id);
        if (row) waiting.set(row.id, row);
      }
    };
    Object.assign(queue, {
      settle,
      claim(...wanted: Parameters<QueueShard["claim"]>) {
        now += 100;
        return claim(...wanted);
      },
    });
  }
  Object.assign(deps, { now: () => now, clock: { ...deps.clock, now: () => now } });
  for (let stint = 0; stint < 3 && waiting.size > 0; stint++) {
    await drain(deps, { provider: "twilio" });
  }
  expect(submitted.toSorted()).toEqual([...texts.keys()].toSorted());
  // None is asked twice, and what goes together is no handful.
  expect([asked, claims.length]).toEqual([100, 4]);
});

it("takes less of marketing in hand at once while codes come", async () => {
  const offers = () => Array.from({ length: 60 }, () => aText("marketing"));
  const [alone, beside] = [aQueue(offers(), () => {}), aQueue(offers(), () => {}, true)];
  for (const { deps } of [alone, beside]) await drain(deps, { provider: "twilio" });
  expect([alone.claims, beside.claims]).toEqual([[60], [25, 25, 10]]);
});

it("a notification keeps its turn though those of the other database only wait", async () => {
  const offers = Array.from({ length: 3 }, () => aText("marketing"));
  const stuck = { ...aText("notification"), template: "tpl_gone" };
  const late = aText("notification");
  const other = aQueue([], () => {});
  let asked = 0;
  const { deps, waiting, submitted } = aQueue(offers, ({ urgent }) => {
    if (++asked !== 2) return;
    other.waiting.set(stuck.id, stuck);
    waiting.set(late.id, late);
    urgent.add("twilio");
  });
  const put = async (rows: readonly WaitingMessage[]) => {
    for (const row of rows) other.waiting.delete(row.id);
  };
  const version: DrainDeps["version"] = (template, wanted) =>
    template === stuck.template
      ? Promise.reject(new Error("gone"))
      : other.deps.version(template, wanted);
  const queues = [
    ...deps.queues,
    ...other.deps.queues.map((queue) => Object.assign(queue, { put })),
  ];
  await drain(Object.assign(deps, { queues, version, logError: () => {} }), { provider: "twilio" });
  expect(submitted[0]).toBe(late.id);
  expect(submitted.toSorted()).toEqual([late, ...offers].map(({ id }) => id).toSorted());
});
