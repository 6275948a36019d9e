import { PROVIDERS, type ProviderId } from "./vendors/registry.ts";

const COUNTERS = ["requests", "accepted", "bad_signatures", "recipients", "duplicates"] as const;

export type Counts = Record<(typeof COUNTERS)[number], number>;

const zero = (): Counts => ({
  requests: 0,
  accepted: 0,
  bad_signatures: 0,
  recipients: 0,
  duplicates: 0,
});

/** Counters by provider, in memory; `save` writes them into the commit they belong to. */
export class Stats {
  readonly #sql: SqlStorage;
  readonly #counts = new Map<ProviderId, Counts>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    for (const provider of PROVIDERS) this.#counts.set(provider, zero());
    for (const { provider, ...counts } of sql.exec<Counts & { provider: string }>(
      "SELECT * FROM stats",
    )) {
      this.#counts.set(provider as ProviderId, counts);
    }
  }

  add(provider: ProviderId, change: Partial<Counts>): void {
    const counts = this.#counts.get(provider) ?? zero();
    for (const counter of COUNTERS) counts[counter] += change[counter] ?? 0;
    this.#counts.set(provider, counts);
  }

  save(provider: ProviderId): void {
    const counts = this.#counts.get(provider) ?? zero();
    this.#sql.exec(
      "INSERT OR REPLACE INTO stats VALUES (?, ?, ?, ?, ?, ?)",
      provider,
      ...COUNTERS.map((counter) => counts[counter]),
    );
  }

  all(): Record<string, Counts> {
    return Object.fromEntries(this.#counts);
  }

  clear(): void {
    for (const provider of PROVIDERS) this.#counts.set(provider, zero());
    this.#sql.exec("DELETE FROM stats");
  }
}
