import { givingWay } from "../db/giving-way.ts";
import { Gatherer } from "../lib/gather.ts";
import { MessageLog } from "../messages/log.ts";
import type { HeldReceipt } from "../receipts/apply-receipt.ts";
import { INBOX_SHARDS } from "../receipts/receive.ts";

/** A vendor waits this much longer for its acknowledgement, and many receipts share one commit. */
const GATHER_MS = 20;
const MOST = 200;

interface Parts {
  readonly env: Pick<Env, "LOG_0" | "LOG_1" | "RECEIPT_INBOX">;
  readonly wallClock: () => number;
  /** Waits while somebody is in haste. */
  readonly giveWay: () => Promise<void>;
}

/** The inbox of receipts, and its way to the log. */
export function wireReceipts({ env, wallClock, giveWay }: Parts) {
  const gatherers = Array.from(
    { length: INBOX_SHARDS },
    (_, inbox) =>
      new Gatherer<HeldReceipt>(
        (receipts) => env.RECEIPT_INBOX.getByName(`inbox-${inbox}`).keep([...receipts]),
        { waitMs: GATHER_MS, most: MOST },
        wallClock,
      ),
  );
  return {
    keep: async (inbox: number, receipts: readonly HeldReceipt[]): Promise<void> =>
      gatherers[inbox]?.add(receipts),
    /** Nobody waits for a receipt. */
    log: new MessageLog([env.LOG_0, env.LOG_1].map((binding) => givingWay(binding, giveWay))),
  };
}
