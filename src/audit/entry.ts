import canonicalize from "canonicalize";
import type { Keys } from "../lib/keys.ts";

/** One action as it is told to the log. Nothing in it may repeat a secret, a number, a code or a text. */
export interface AuditRecord {
  readonly requestId: string | null;
  /** The id of a key or a person, `root` or `system`; `nobody` had not shown who he is. */
  readonly actor: string;
  readonly actorName: string | null;
  /** `<resource>.<verb>`: `templates.update`. */
  readonly action: string;
  readonly resource: { readonly type: string; readonly id: string | null };
  readonly storefront: string | null;
  readonly ip: string | null;
  readonly summary: AuditSummary;
}

export interface AuditSummary {
  /** Names of the fields that were sent. */
  readonly fields?: readonly string[];
  /** A keyed hash of what was sent: who has it can prove it, who has not learns nothing. */
  readonly digest?: string;
  /** How many numbers were shown in full. */
  readonly shown?: number;
}

export interface AuditEntry extends AuditRecord {
  /** From 1 on, without a gap. */
  readonly seq: number;
  /** When the action began. */
  readonly at: number;
  /** `unknown`: it began, and the process ended before it could say how. */
  readonly outcome: "done" | "unknown";
  /** The mac of the entry before, empty for the first. */
  readonly prev: string;
}

/** An entry as it is stored: `body` is its canonical JSON, which `mac` is over. */
export interface StampedEntry {
  readonly seq: number;
  readonly body: string;
  readonly mac: string;
}

const PURPOSE = "audit entry";

export function stampEntry(keys: Keys, entry: AuditEntry): StampedEntry {
  const body = canonicalize(entry) ?? "";
  return { seq: entry.seq, body, mac: keys.mac(PURPOSE, body) };
}

/** The entry as it was stamped, or null when it was not stamped with a key of ours. */
export const readStamped = (keys: Keys, { body, mac }: StampedEntry): AuditEntry | null =>
  keys.macMatches(mac, PURPOSE, body) ? (JSON.parse(body) as AuditEntry) : null;
