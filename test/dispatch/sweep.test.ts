import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { depsOf } from "../../src/deps.ts";
import { type SweepDeps, sweep } from "../../src/dispatch/sweep.ts";
import { sealedIn, UNCONFIRMED_AFTER } from "../../src/messages/message.ts";
import { UnsettledShard } from "../../src/messages/unsettled.ts";
import type { QueryOutcome, SentText } from "../../src/providers/provider.ts";
import { aMessage, aName, aSettlement, claimDue, NOW, queue, rowOf } from "../messages/builders.ts";
import { anAccount } from "./builders.ts";

const { keys } = depsOf(env);
const DUE = NOW + 30;

/** Texts that are out and due to be asked for, by an account of their own. */
async function someSilent(count: number) {
  const account = anAccount("aliyun", { id: aName("acc") });
  const name = aName("queue");
  const rows = Array.from({ length: count }, () => {
    const row = aMessage({ queue: name, account: account.id, route: [account.id] });
    return {
      ...row,
      toSealed: keys.seal("+8613900000001", sealedIn("to", row.id)),
      textSealed: keys.seal("【Shop】hello", sealedIn("text", row.id)),
    };
  });
  await queue.insert(rows);
  const taken = await claimDue(name, NOW, count, name);
  const out = { account: account.id, dueAt: DUE };
  await queue.settle(
    name,
    taken.map((row) => aSettlement(row, out)),
  );
  return { account, ids: rows.map((row) => row.id) };
}

/** Sweeps at a time while one vendor answers as it is told; which texts it was asked for. */
async function swept(
  account: ReturnType<typeof anAccount>,
  answer: QueryOutcome,
  facts: { readonly now?: number; readonly answersIn?: number } = {},
): Promise<SentText[]> {
  const asked: SentText[] = [];
  let now = facts.now ?? DUE;
  const deps: SweepDeps = {
    keys,
    clock: { now: () => now, wake: (at) => at, unwake: (at) => at },
    queues: [queue],
    unsettled: [new UnsettledShard(env.LOG_0)],
    livingClaims: null,
    wake: async () => {},
    noteRefusals: async () => {},
    accounts: async () => [account],
    async ask(_account, sent) {
      asked.push(sent);
      now += facts.answersIn ?? 0;
      return answer;
    },
  };
  await sweep(deps);
  return asked;
}

const DELIVERED = {
  kind: "found",
  status: "delivered",
  code: "DELIVRD",
  providerMessageId: null,
} as const;

describe("a sweep", () => {
  it("asks a vendor once for each text whose receipt did not come, and believes it", async () => {
    const { account, ids } = await someSilent(2);
    const asked = await swept(account, DELIVERED);
    expect(asked.map((one) => one.messageId).sort()).toEqual(ids);
    expect(asked[0]).toMatchObject({ to: "+8613900000001", text: "【Shop】hello" });
    for (const id of ids) expect(await rowOf(id)).toMatchObject({ status: "delivered" });
    expect(await swept(account, DELIVERED)).toEqual([]);
  });

  it("asks again a day later where the vendor does not know, and then gives the text up", async () => {
    const { account, ids } = await someSilent(1);
    const [id = ""] = ids;
    const DAY = 86_400_000;
    expect(await swept(account, { kind: "unclear" })).toHaveLength(1);
    expect(await rowOf(id)).toMatchObject({ status: "sent", trace: [{ verdict: "unclear" }] });
    expect(await swept(account, { kind: "unclear" }, { now: DUE + DAY - 1 })).toEqual([]);
    expect(await swept(account, { kind: "unclear" }, { now: DUE + DAY })).toHaveLength(1);
    const end = NOW + 5 + UNCONFIRMED_AFTER;
    expect(await swept(account, DELIVERED, { now: end })).toEqual([]);
    expect(await rowOf(id)).toMatchObject({ status: "unconfirmed" });
  });

  it("waits a moment and no longer for a vendor that is slow, and leaves the rest for the next", async () => {
    const { account, ids } = await someSilent(20);
    const asked = await swept(account, DELIVERED, { answersIn: 1_000 });
    expect(asked.length).toBeLessThan(ids.length);
    await swept(account, DELIVERED);
    for (const id of ids) expect(await rowOf(id)).toMatchObject({ status: "delivered" });
  });
});
