import { DurableObject } from "cloudflare:workers";
import { SECOND } from "../lib/time.ts";
import type { LogShard } from "./log.ts";
import type { MessageRecord } from "./message.ts";

/** What the log's readers may lag behind, and what makes many rows one statement. */
const GATHER_MS = 0.15 * SECOND;
const MOST_ROWS = 500;

interface Waiting {
  readonly records: readonly MessageRecord[];
  readonly done: PromiseWithResolvers<void>;
}

/**
 * Gathers rows from many phone objects and writes them to one database in batches. It keeps
 * nothing of its own: a row stays in its phone object until `append` returned.
 */
export class LogWriterObject extends DurableObject {
  readonly #shard: LogShard;
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(ctx: DurableObjectState, env: Env, shard: LogShard) {
    super(ctx, env);
    this.#shard = shard;
  }

  /** Returns once the rows are in the database; throws when they are not. */
  async append(records: readonly MessageRecord[]): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ records, done });
    if (!this.#writing) {
      this.#writing = true;
      this.ctx.waitUntil(this.#writeAll());
    }
    await done.promise;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await scheduler.wait(GATHER_MS);
      const batch = this.#take();
      try {
        await this.#shard.record(batch.flatMap((waiting) => waiting.records));
        for (const waiting of batch) waiting.done.resolve();
      } catch (error) {
        for (const waiting of batch) waiting.done.reject(error);
      }
    }
    this.#writing = false;
  }

  #take(): Waiting[] {
    let rows = 0;
    const full = this.#waiting.findIndex((waiting) => {
      rows += waiting.records.length;
      return rows > MOST_ROWS;
    });
    return this.#waiting.splice(0, full === -1 ? this.#waiting.length : Math.max(1, full));
  }
}
