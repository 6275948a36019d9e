import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { saveTransitions } from "../../src/audience/store.ts";
import { openDatabase } from "../../src/db/client.ts";
import { listening, planOf, scansIn } from "../db/plans.ts";

it("those who move to another stage are found by their ids", async () => {
  const { database, statements } = listening(env.DB);
  await saveTransitions(openDatabase(database), [
    { contact: "ctc_1", from: "new", to: "active", at: 1 },
  ]);
  const [statement = ""] = statements;
  const plan = await planOf(env.DB, statement);
  expect(scansIn(plan, ["contacts"])).toEqual([]);
  expect(plan.join("\n")).toContain("SEARCH contacts USING INDEX");
});
