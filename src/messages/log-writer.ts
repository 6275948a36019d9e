import { DurableObject } from "cloudflare:workers";
import type { LogShard } from "./log.ts";

const MOST_ROWS = 500;

interface Waiting {
  readonly records: readonly string[];
  readonly done: PromiseWithResolvers<void>;
}

/**
 * The one that writes to a database: what arrives during a write goes out together with the next.
 * It keeps nothing of its own: a row stays with its phone object until `append` returned.
 */
export class LogWriterObject extends DurableObject {
  readonly #shard: LogShard;
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(ctx: DurableObjectState, env: Env, shard: LogShard) {
    super(ctx, env);
    this.#shard = shard;
  }

  /** `records` are message records as JSON. Returns once they are in the database, or throws. */
  async append(records: readonly string[]): Promise<void> {
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
