import { DEFAULT_FAULT, type Fault } from "./faults.ts";
import type { ProviderId } from "./vendors/registry.ts";

export interface Callbacks {
  readonly receipts: string | null;
  readonly replies: string | null;
}

export interface Review {
  readonly outcome: "approved" | "rejected";
  readonly delay_ms: number;
}

export interface Limits {
  readonly per_number: boolean;
}

export interface Handset {
  readonly rcs: boolean;
  readonly video: boolean;
  readonly off: boolean;
}

/** What an operator sets for each provider, by the name of its control route. */
export interface Settings {
  readonly faults: Fault;
  readonly callbacks: Callbacks;
  readonly reviews: Review;
  readonly limits: Limits;
}

export type Setting = keyof Settings;

const DEFAULTS: Settings = {
  faults: DEFAULT_FAULT,
  callbacks: { receipts: null, replies: null },
  reviews: { outcome: "approved", delay_ms: 500 },
  limits: { per_number: false },
};

/** Settings by provider: read from memory, written through to storage. */
export class SettingsStore {
  readonly #sql: SqlStorage;
  readonly #values = new Map<string, unknown>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const rows = sql.exec<{ key: string; value: string }>("SELECT key, value FROM settings");
    for (const { key, value } of rows) this.#values.set(key, JSON.parse(value));
  }

  get<Name extends Setting>(name: Name, provider: ProviderId): Settings[Name] {
    return (this.#values.get(`${name}:${provider}`) as Settings[Name]) ?? DEFAULTS[name];
  }

  put<Name extends Setting>(name: Name, provider: ProviderId, value: Settings[Name]): void {
    const key = `${name}:${provider}`;
    this.#values.set(key, value);
    this.#sql.exec("INSERT OR REPLACE INTO settings VALUES (?, ?)", key, JSON.stringify(value));
  }

  /** Puts one setting back to its default for every provider. */
  clear(name: Setting): void {
    for (const key of this.#values.keys()) {
      if (key.startsWith(`${name}:`)) this.#values.delete(key);
    }
    this.#sql.exec("DELETE FROM settings WHERE key GLOB ?", `${name}:*`);
  }
}
