import { Buffer } from "node:buffer";
import { MESSAGE_STATUSES, type MessageStatus } from "../messages/message.ts";

/** One for each status that a message can come to. */
export type EventType = `message.${MessageStatus}`;

export const EVENT_TYPES = MESSAGE_STATUSES.map((status): EventType => `message.${status}`) as [
  EventType,
  ...EventType[],
];

/** `gone`: it answered 410; `failing`: for days it took nothing. */
export type DisabledWhy = "gone" | "failing";

/** A URL that is told of a storefront's messages. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly storefront: string;
  readonly url: string;
  readonly events: readonly EventType[];
  readonly secret: string;
  /** The secret before the last rotation, and until when it signs as well. */
  readonly previous: { readonly secret: string; readonly until: number } | null;
  /** Null: it is enabled. */
  readonly disabled: DisabledWhy | null;
  readonly createdAt: number;
}

export const SECRET_BYTES = 32;

/** As Standard Webhooks write a secret. */
export const writeSecret = (bytes: Uint8Array): string =>
  `whsec_${Buffer.from(bytes).toString("base64")}`;

/** The secrets that sign at this moment, the newest first. */
export const secretsAt = (
  { secret, previous }: Pick<WebhookEndpoint, "secret" | "previous">,
  now: number,
): readonly string[] => (previous && previous.until > now ? [secret, previous.secret] : [secret]);

export const statusesOf = (events: readonly EventType[]): readonly MessageStatus[] =>
  MESSAGE_STATUSES.filter((status) => events.includes(`message.${status}`));
