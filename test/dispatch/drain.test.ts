import { expect, it } from "vitest";
import { UNRULED } from "../../src/compliance/policies.ts";
import { OpenTimes } from "../../src/compliance/quiet-hours.ts";
import { type DrainDeps, drain } from "../../src/dispatch/drain.ts";
import { openKeys } from "../../src/lib/keys.ts";
import { randomBytes } from "../../src/lib/random.ts";
import { sealedIn } from "../../src/messages/message.ts";
import type { QueueShard } from "../../src/messages/queue-shard.ts";
import type { WaitingMessage } from "../../src/messages/queued.ts";
import type { Account } from "../../src/routing/account.ts";
import { ACCEPTED, aBinding, anAccount, anOpenGate, aRow } from "./builders.ts";

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
  const time = { now: 1_000 };
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
    clock: { now: () => time.now, wake: (at) => at, unwake: (at) => at },
    now: () => time.now,
    queues: [queue],
    urgent: new Set(),
    isBusy: () => isBusy,
    newClaim: () => "claim",
    wake: async () => {},
    wakeAt: async () => {},
    async wait(ms) {
      time.now += ms;
    },
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
        return { admitted: true, isFirst: false };
      },
      release: async () => {},
    }),
    gate: () => anOpenGate,
    forgetLater: async () => {},
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
  return { deps, time, waiting, claims, looks, submitted };
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

it("asks for rows in the order in which they came, however they were found", async () => {
  const texts = Array.from({ length: 20 }, (_, at) => ({
    ...aText("notification"),
    dueAt: 20 - at,
  }));
  const { deps, submitted } = aQueue(texts, () => {});
  await drain(deps, { provider: "twilio" });
  expect(submitted).toEqual(texts.toReversed().map(({ id }) => id));
});

it("looks again at rows that it found a while ago", async () => {
  const texts = Array.from({ length: 150 }, () => aText("notification"));
  const { deps, time, claims, looks } = aQueue(texts, () => {});
  for (const queue of deps.queues) {
    const claim = queue.claim.bind(queue);
    const slowly = (...wanted: Parameters<typeof claim>) => {
      time.now += 2_100;
      return claim(...wanted);
    };
    Object.assign(queue, { claim: slowly });
  }
  await drain(deps, { provider: "twilio" });
  expect([claims, looks.length]).toEqual([[100, 50], 3]);
});

it("comes to an end though the leaves of a hundred numbers end before the last is given", async () => {
  const offers = Array.from({ length: 100 }, () => aText("marketing"));
  let asked = 0;
  const { deps, time, waiting, claims, submitted } = aQueue(offers, () => {
    asked++;
    time.now += 40;
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
        time.now += 100;
        return claim(...wanted);
      },
    });
  }
  for (let stint = 0; stint < 3 && waiting.size > 0; stint++) {
    await drain(deps, { provider: "twilio" });
  }
  expect(submitted.toSorted()).toEqual([...texts.keys()].toSorted());
  // None is asked twice, and what goes together is no handful.
  expect([asked, claims.length]).toEqual([100, 3]);
});

it("takes less of marketing in hand at once while codes come", async () => {
  const offers = () => Array.from({ length: 60 }, () => aText("marketing"));
  const [alone, beside] = [aQueue(offers(), () => {}), aQueue(offers(), () => {}, true)];
  for (const { deps } of [alone, beside]) await drain(deps, { provider: "twilio" });
  expect([alone.claims, beside.claims]).toEqual([[60], [25, 25, 10]]);
});

it("lets marketing gather that trickles in, and looks at each handful once", async () => {
  const { deps, time, waiting, claims, looks } = aQueue([aText("marketing")], () => {});
  const due = Array.from({ length: 20 }, (_, at) => ({ row: aText("marketing"), at: at * 50 }));
  const wait: DrainDeps["wait"] = async (ms) => {
    time.now += ms;
    while (due[0] && 1_000 + due[0].at <= time.now) {
      const { row } = due.shift() ?? due[0];
      waiting.set(row.id, row);
    }
  };
  await drain(Object.assign(deps, { wait }), { provider: "twilio" });
  expect(due).toEqual([]);
  expect(claims).toEqual([1, 6, 5, 5, 4]);
  expect(looks.length).toBe(6);
});

it("a notification does not wait for marketing to gather", async () => {
  const late = aText("notification");
  const { deps, time, waiting, submitted } = aQueue([aText("marketing")], () => {});
  const wait: DrainDeps["wait"] = async (ms) => {
    time.now += ms;
    if (submitted.length > 0 && !submitted.includes(late.id)) {
      waiting.set(late.id, late);
      deps.urgent.add("twilio");
    }
  };
  let leftAt = 0;
  const submit: DrainDeps["submit"] = async (_account, submissions) => {
    submitted.push(...submissions.map((one) => one.messageId));
    leftAt ||= submitted.includes(late.id) ? time.now : 0;
    return submissions.map(() => ACCEPTED);
  };
  await drain(Object.assign(deps, { wait, submit }), { provider: "twilio" });
  expect(leftAt - 1_000).toBeLessThan(50);
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

/** A queue whose only account is throttled for a minute more; tells which accounts rows are put to. */
function aThrottledQueue(texts: WaitingMessage[], others: readonly Account[] = []) {
  const { deps, waiting, looks } = aQueue(texts, () => {});
  const put: (string | null)[] = [];
  for (const queue of deps.queues) {
    const puts: QueueShard["put"] = async (rows, settled) => {
      for (const row of rows) waiting.delete(row.id);
      put.push(...settled.map((one) => one.account));
    };
    Object.assign(queue, { put: puts });
  }
  const { gate, version } = deps;
  const rests = { granted: 0, retryAfterMs: 60_000, breaker: "closed" } as const;
  const lasting = async () => ({ ...rests, throttle: "lasting" as const });
  const bindings = [twilio, ...others].map(({ id }) => aBinding(id));
  Object.assign(deps, {
    accounts: async () => [twilio, ...others],
    version: async (...wanted: Parameters<typeof version>) => {
      const found = await version(...wanted);
      return found && { ...found, bindings };
    },
    gate: (account: string) =>
      account === twilio.id ? { ...gate(account), room: lasting, lease: lasting } : gate(account),
  });
  return { deps, looks, put };
}

it("looks at texts whose account is throttled, for they go elsewhere", async () => {
  const text = { ...aText("notification"), route: ["acc_twilio", "acc_aliyun"] };
  const { deps, put } = aThrottledQueue([text], [anAccount("aliyun")]);
  await drain(deps, { provider: "twilio" });
  expect(put).toEqual(["acc_aliyun"]);
});

it("does not go through all texts that have nowhere else to go", async () => {
  const texts = Array.from({ length: 250 }, () => aText("notification"));
  const { deps, looks, put } = aThrottledQueue(texts);
  await drain(deps, { provider: "twilio" });
  expect([looks.length, put.length]).toEqual([1, 100]);
});
