import type { Database } from "../db/client.ts";
import type { WakeUp } from "../dispatch/drain.ts";
import type { Flags } from "../flags/flags.ts";
import { changeFlags, type FlagChange, readFlags } from "../flags/store.ts";
import { type Clock, SECOND } from "../lib/time.ts";
import type { QueueShard } from "../messages/queue-shard.ts";
import { queueOwners } from "../providers/registry.ts";

/** An isolate that has not heard of a lift may hold rows for so long. */
const LAG_MS = 10 * SECOND;
/** Rows of one statement: a database must answer others in between. */
const RELEASED_AT_ONCE = 5_000;

interface Parts {
  readonly db: Database;
  readonly clock: Clock;
  readonly queues: readonly QueueShard[];
  readonly wake: (wakeUps: readonly WakeUp[]) => Promise<void>;
  readonly wait: (ms: number) => Promise<unknown>;
  readonly changed: () => void;
  readonly logError: (event: string, error: unknown) => void;
}

/** The kill switch: what it changes, and who goes on once a stop is lifted. */
export function wireFlags(parts: Parts) {
  const { db, clock, queues, changed } = parts;

  async function release(): Promise<void> {
    await Promise.all(
      queues.map(async (queue) => {
        for (;;) {
          const released = await queue.release(clock.now(), RELEASED_AT_ONCE);
          if (released > 0) await parts.wake(queueOwners.map((provider) => ({ provider })));
          if (released < RELEASED_AT_ONCE) return;
        }
      }),
    );
  }

  async function releaseSurely(): Promise<void> {
    try {
      await release();
      await parts.wait(LAG_MS);
      await release();
    } catch (error) {
      parts.logError("release-failed", error);
    }
  }

  return {
    services: (later: (work: Promise<unknown>) => void) => ({
      async changeFlags(changes: readonly FlagChange[]): Promise<Flags> {
        await changeFlags(db, changes, clock.now());
        changed();
        const isLifted = changes.some(({ kind, off }) => kind !== "features" && !off);
        if (isLifted) later(releaseSurely());
        return readFlags(db);
      },
    }),
  };
}
