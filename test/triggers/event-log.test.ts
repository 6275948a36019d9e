import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { ulid } from "../../src/lib/id.ts";
import { DAY } from "../../src/lib/time.ts";
import { EventLog } from "../../src/triggers/event-log.ts";
import { forgetOldEvents } from "../../src/triggers/run-due.ts";
import { listening, planOf, scansIn } from "../db/plans.ts";

const { keys } = depsOf(env);

it("what is written of events is found by an index, however many there are", async () => {
  const { database, statements } = listening(env.DB);
  const log = new EventLog(database, keys);
  const about = { event: "key", rule: "rul_1" };
  const event = {
    ...{ key: "key", id: "id", storefront: "sto_1", sandbox: false, name: "order.paid" },
    ...{ to: null, country: null, contact: null, data: {} },
    ...{ matched: [], occurredAt: 1, createdAt: 1 },
  };
  const going = { ...about, reason: null, detail: null, dueAt: 1 };
  await log.append([
    {
      event,
      numbers: ["index"],
      outcomes: [{ ...going, status: "waiting", recipient: "index" }],
      cancels: [{ ...about, id: "id", recipient: "index" }],
    },
  ]);
  await log.take(1, 2, 10);
  await log.settle([{ ...going, status: "accepted", message: null }]);
  await log.matchedOf("sto_1", false, ["id"]);
  await log.nextDue();
  await log.forgetNumber(["index"], null);
  await log.forget("key", 10, ["held"]);

  const plans = await Promise.all([...statements].map((one) => planOf(env.DB, one)));
  expect(plans.length).toBeGreaterThan(8);
  expect(plans.flatMap((plan) => scansIn(plan, ["events", "event_outcomes"]))).toEqual([]);
  const steps = plans.flat().join("\n");
  expect(steps).toContain(
    "SEARCH event_outcomes USING INDEX outcomes_by_recipient (recipient=? AND",
  );
  expect(steps).toContain("SEARCH event_outcomes USING INDEX outcomes_by_due (due_at<?)");
});

it("events are forgotten after ninety days, but for those of a number in a legal hold", async () => {
  const now = Date.UTC(1991, 0, 1);
  const log = new EventLog(env.DB, keys);
  const happened = async (at: number, number: string | null) => {
    const key = ulid(at, crypto.getRandomValues(new Uint8Array(10)));
    const event = {
      ...{ key, id: key, storefront: "sto_1", sandbox: false, name: "order.paid" },
      ...{ to: null, country: null, contact: null, data: {} },
      ...{ matched: [], occurredAt: at, createdAt: at },
    };
    const outcome = { event: key, rule: "rul_1", reason: null, detail: null, dueAt: at };
    const numbers = number === null ? [] : [number];
    const outcomes = [{ ...outcome, status: "accepted" as const, recipient: "index" }];
    await log.append([{ event, numbers, outcomes, cancels: [] }]);
    return key;
  };
  const count = (table: string, column: string, key: string) =>
    env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${column} = ?`).bind(key).first("n");
  const left = async (key: string) => [
    await count("events", "key", key),
    await count("event_outcomes", "event", key),
  ];
  const old = now - 90 * DAY - 1;
  const [gone, nameless, held, young] = [
    await happened(old, "other index"),
    await happened(old, null),
    await happened(old, "held index"),
    await happened(now - 90 * DAY + 1, "other index"),
  ];
  await forgetOldEvents(log, now, ["held index"]);
  expect(await Promise.all([gone, nameless, held, young].map(left))).toEqual([
    [0, 0],
    [0, 0],
    [1, 1],
    [1, 1],
  ]);
  await forgetOldEvents(log, now, []);
  expect(await left(held)).toEqual([0, 0]);
});
