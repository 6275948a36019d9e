import type { Ledger } from "./ledger.ts";
import type { SettingsStore } from "./settings.ts";
import { type ProviderId, vendorOf } from "./vendors/registry.ts";
import type { Push, PushRequest } from "./vendors/vendor.ts";

type Kind = "receipts" | "replies";

interface Row extends Record<string, SqlStorageValue> {
  id: number;
  due_at: number;
  provider: ProviderId;
  kind: Kind;
  ref: number;
  attempt: number;
}

interface Batch {
  readonly provider: ProviderId;
  readonly kind: Kind;
  readonly rows: readonly Row[];
}

const AT_ONCE = 6;
const READ = 6_000;
const TIMEOUT_MS = 5_000;

/** What the vendors owe their customer: stored until it was acknowledged or given up. */
export class Outbox {
  readonly #sql: SqlStorage;
  readonly #ledger: Ledger;
  readonly #settings: SettingsStore;
  readonly #now: () => number;
  #draining: Promise<void> = Promise.resolve();

  constructor(sql: SqlStorage, ledger: Ledger, settings: SettingsStore, now: () => number) {
    this.#sql = sql;
    this.#ledger = ledger;
    this.#settings = settings;
    this.#now = now;
  }

  add(provider: ProviderId, kind: Kind, items: readonly { ref: number; dueAt: number }[]): void {
    if (items.length === 0) return;
    this.#sql.exec(
      `INSERT INTO pushes (due_at, provider, kind, ref, attempt)
       SELECT value->>0, ?1, ?2, value->>1, 0 FROM json_each(?3)`,
      ...[provider, kind, JSON.stringify(items.map(({ ref, dueAt }) => [dueAt, ref]))],
    );
  }

  nextDueAt(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT min(due_at) AS at FROM pushes").one().at;
  }

  /** Pushes all that is due; resolves when it was sent, and never rejects. */
  drain(): Promise<void> {
    this.#draining = this.#draining.then(() => this.#drainOnce());
    return this.#draining;
  }

  async #drainOnce(): Promise<void> {
    for (let due = this.#due(); due.length > 0; due = this.#due()) {
      const batches = toBatches(due);
      for (let start = 0; start < batches.length; start += AT_ONCE) {
        await Promise.all(batches.slice(start, start + AT_ONCE).map((batch) => this.#push(batch)));
      }
    }
  }

  #due(): Row[] {
    return this.#sql
      .exec<Row>(
        "SELECT * FROM pushes WHERE due_at <= ? ORDER BY due_at, id LIMIT ?",
        ...[this.#now(), READ],
      )
      .toArray();
  }

  async #push({ provider, kind, rows }: Batch): Promise<void> {
    const registered = this.#settings.get("callbacks", provider)[kind];
    const { receipts, replies } = vendorOf(provider);
    const refs = rows.map((row) => row.ref);
    if (kind === "replies") {
      const items = inOrder(refs, this.#ledger.repliesByIds(refs));
      this.#settle(rows, await tell(registered, replies, items));
      return;
    }
    const texts = this.#ledger.byIds(refs);
    const ownUrls = new Map(texts.map(({ id, callbackUrl }) => [id, callbackUrl]));
    for (const [url, group] of Map.groupBy(rows, ({ ref }) => ownUrls.get(ref) ?? registered)) {
      const items = inOrder(
        group.map((row) => row.ref),
        texts,
      );
      this.#settle(group, await tell(url, receipts, items));
    }
  }

  /** Drops the rows, or puts them off as long as the vendor would still try again. */
  #settle(rows: readonly Row[], retryAfterMs: readonly number[]): void {
    const now = this.#now();
    const again = rows.filter((row) => row.attempt < retryAfterMs.length);
    this.#sql.exec(
      "DELETE FROM pushes WHERE id IN (SELECT value FROM json_each(?))",
      JSON.stringify(rows.map((row) => row.id)),
    );
    this.#sql.exec(
      `INSERT INTO pushes SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5
       FROM json_each(?)`,
      JSON.stringify(
        again.map(({ id, provider, kind, ref, attempt }) => {
          const dueAt = now + (retryAfterMs[attempt] ?? 0);
          return [id, dueAt, provider, kind, ref, attempt + 1];
        }),
      ),
    );
  }
}

function toBatches(rows: readonly Row[]): Batch[] {
  const groups = Map.groupBy(rows, (row) => `${row.provider} ${row.kind}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { provider, kind } = first;
    const size = vendorOf(provider)[kind]?.batch ?? group.length;
    return Array.from({ length: Math.ceil(group.length / size) }, (_, index) => ({
      provider,
      kind,
      rows: group.slice(index * size, (index + 1) * size),
    }));
  });
}

/** One item per ref, in the refs' order: a receipt that is due twice is told twice. */
function inOrder<Item extends { readonly id: number }>(
  refs: readonly number[],
  items: readonly Item[],
): Item[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  return refs.flatMap((ref) => byId.get(ref) ?? []);
}

/** Tells the items once; gives back when the vendor would tell them again, nothing once they are known. */
async function tell<Item>(
  url: string | null,
  push: Push<Item> | null,
  items: readonly Item[],
): Promise<readonly number[]> {
  if (url === null || push === null) return [];
  try {
    const { url: target, ...request } =
      "request" in push ? push.request(items, url) : jsonPost(url, push.body(items));
    const response = await fetch(target, {
      ...request,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const isKnown = push.isAcknowledged(response.status, await response.text());
    return isKnown ? [] : push.retryAfterMs;
  } catch {
    return push.retryAfterMs;
  }
}

const jsonPost = (url: string, body: string): PushRequest => ({
  method: "POST",
  url,
  headers: { "content-type": "application/json;charset=utf-8" },
  body,
});
