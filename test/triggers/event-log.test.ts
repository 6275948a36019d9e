import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { EventLog } from "../../src/triggers/event-log.ts";
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
  await log.forget("key", 10);

  const plans = await Promise.all([...statements].map((one) => planOf(env.DB, one)));
  expect(plans.length).toBeGreaterThan(8);
  expect(plans.flatMap((plan) => scansIn(plan, ["events", "event_outcomes"]))).toEqual([]);
  const steps = plans.flat().join("\n");
  expect(steps).toContain(
    "SEARCH event_outcomes USING INDEX outcomes_by_recipient (recipient=? AND",
  );
  expect(steps).toContain("SEARCH event_outcomes USING INDEX outcomes_by_due (due_at<?)");
});
