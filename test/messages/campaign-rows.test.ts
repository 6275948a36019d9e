import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { CampaignRows } from "../../src/messages/campaign-rows.ts";
import { IN_REVIEW, PAUSED, THROTTLED } from "../../src/messages/queued.ts";
import { aMessage, aName, aQueue, NOW, queue, rowOf } from "./builders.ts";

const rows = new CampaignRows(env.LOG_0);

it("a campaign's texts that wait for room at an account count and are held like those that wait for nothing", async () => {
  const campaign = aName("cmp");
  const waiting = [null, THROTTLED, IN_REVIEW].map((reason) =>
    aMessage({ queue: aQueue(), category: "marketing", campaign, run: 1, reason }),
  );
  await queue.insert(waiting);
  expect(await rows.countDue(campaign, NOW, 10)).toBe(2);
  await rows.hold(campaign, NOW, NOW + 500);
  const held = await Promise.all(waiting.map(({ id }) => rowOf(id)));
  expect(held.map((row) => row?.reason)).toEqual([PAUSED, PAUSED, IN_REVIEW]);
});
