import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { Ledger } from "../../src/campaigns/ledger.ts";
import { startRun } from "../../src/campaigns/run-campaign.ts";
import { aStage, ledger, NOW } from "./builders.ts";

it("notes what became of people by their keys, however many the run has", async () => {
  const { campaign, deps } = await aStage(1);
  await startRun(deps, campaign, NOW);
  const [run] = await ledger.runs(campaign.id);
  if (!run) throw new Error("no run");
  const contacts = Array.from({ length: 600 }, (_, at) => `ctc_${String(at).padStart(3, "0")}`);
  await ledger.plan(
    run,
    contacts.map((contact) => ({ contact, variant: "a", reason: null })),
  );
  let read = 0;
  const counting = new Proxy(env.DB, {
    get: (db, name) =>
      name === "batch"
        ? async (statements: D1PreparedStatement[]) => {
            const results = await db.batch(statements);
            read += results.reduce((sum, { meta }) => sum + meta.rows_read, 0);
            return results;
          }
        : Reflect.get(db, name).bind(db),
  });
  const recorded = contacts.map((contact) => ({
    contact,
    message: `msg_${contact}`,
    reason: null,
  }));
  await new Ledger(counting).record(run, recorded, run);
  expect(await ledger.planned(run, 1)).toEqual([]);
  expect(read).toBeLessThan(20 * contacts.length);
});
