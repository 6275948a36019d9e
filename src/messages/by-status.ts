import type { MessageStatus } from "./message.ts";

// Partial indexes by what they hold. SQLite uses one only where the statement itself says that a
// row is in it, in words and not by a parameter.
const PENDING = "queue IS NOT NULL";
const UNSETTLED = "status IN ('unknown', 'sent')";
const UNFORTUNATE =
  "status IN ('undelivered', 'unconfirmed', 'failed', 'expired', 'suppressed', 'canceled')";

/** The index that holds the few rows of a status, as a condition; left out: they are many, and met at once. */
export const INDEX_OF_STATUS: Readonly<Partial<Record<MessageStatus, string>>> = {
  unknown: UNSETTLED,
  undelivered: UNFORTUNATE,
  unconfirmed: UNFORTUNATE,
  failed: UNFORTUNATE,
  expired: UNFORTUNATE,
  suppressed: UNFORTUNATE,
  canceled: UNFORTUNATE,
};

const probe = (status: MessageStatus, held: string): string =>
  `SELECT 1 FROM messages WHERE ${held} AND +status = '${status}' LIMIT 1`;

/** Finds out by an index whether any row stands so, before all are looked through for one. */
export const PROBE_OF_STATUS: Readonly<Partial<Record<MessageStatus, string>>> = {
  scheduled: probe("scheduled", PENDING),
  queued: probe("queued", PENDING),
  sent: probe("sent", UNSETTLED),
};
