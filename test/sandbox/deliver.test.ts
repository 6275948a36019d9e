import { describe, expect, it } from "vitest";
import type { HeldReceipt } from "../../src/receipts/apply-receipt.ts";
import { type DeliverDeps, deliverToSandbox } from "../../src/sandbox/deliver.ts";

const text = {
  id: "msg_1",
  storefront: "sto_1",
  category: "otp",
  verification: null,
  to: "+8613812340000",
  text: "【Shop】1",
} as const;

function stage(change: Partial<DeliverDeps> = {}) {
  const receipts: HeldReceipt[] = [];
  const errors: string[] = [];
  const deps: DeliverDeps = {
    now: () => 5,
    keep: async () => undefined,
    keepReceipts: async (held) => void receipts.push(...held),
    logError: (event) => errors.push(event),
    ...change,
  };
  return { deps, receipts, errors };
}

describe("the sandbox", () => {
  it("takes each text and tells of its delivery as a vendor does", async () => {
    const { deps, receipts } = stage();
    const outcomes = await deliverToSandbox(deps, [text, { ...text, id: "msg_2" }]);
    expect(outcomes).toMatchObject([
      { kind: "accepted", providerMessageId: "msg_1" },
      { kind: "accepted", providerMessageId: "msg_2" },
    ]);
    expect(receipts).toMatchObject([
      { providerMessageId: "msg_1", account: "acc_sandbox", status: "delivered", receivedAt: 5 },
      { providerMessageId: "msg_2", account: "acc_sandbox", status: "delivered", receivedAt: 5 },
    ]);
  });

  it.each(["keep", "keepReceipts"] as const)(
    "that fails to %s asks for a try later",
    async (part) => {
      const broken = () => Promise.reject(new Error("no database"));
      const { deps, errors } = stage({ [part]: broken });
      expect(await deliverToSandbox(deps, [text])).toMatchObject([{ kind: "throttled" }]);
      expect(errors).toEqual(["sandbox-unavailable"]);
    },
  );
});
