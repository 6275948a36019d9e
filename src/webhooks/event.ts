import { createHash } from "node:crypto";
import { timeOfUlid, ulid } from "../lib/id.ts";
import { rfc3339 } from "../lib/time.ts";
import type { MessageChange } from "../messages/change-feed.ts";
import type { EventType } from "./endpoint.ts";

/** What an endpoint is told, once or as often as it takes: the same words under the same id. */
export interface WebhookEvent {
  readonly id: string;
  readonly type: EventType;
  readonly message: string;
  readonly body: string;
}

/** Made of the change itself, so that a change that is read again is the same event again. */
function eventId({ seq, id, status }: MessageChange, shard: number, at: number): string {
  const name = createHash("sha256").update(`${shard}|${seq}|${id}|${status}`).digest();
  return `evt_${ulid(at, name.subarray(0, 10))}`;
}

/** When the change was that an event tells of; null for what is no event's id. */
export const timeOfEvent = (id: string): number | null =>
  id.startsWith("evt_") ? timeOfUlid(id.slice("evt_".length)) : null;

/**
 * A change as an event: thin, so that no number and no text leaves with it. `shard` is the log's
 * database, `at` the change's time as the product sees it.
 */
export function toEvent(change: MessageChange, shard: number, at: number): WebhookEvent {
  const type: EventType = `message.${change.status}`;
  const data = {
    id: change.id,
    storefront: change.storefront,
    status: change.status,
    category: change.category,
    channel: change.channel,
    template: change.template,
    verification: change.verification,
    reference: change.reference,
    campaign: change.campaign,
  };
  return {
    id: eventId(change, shard, at),
    type,
    message: change.id,
    body: JSON.stringify({ type, timestamp: rfc3339(at), data }),
  };
}
