import { DAY } from "../lib/time.ts";
import type { LoggedMessage } from "../messages/log.ts";
import type { MessageStatus } from "../messages/message.ts";
import { parsePhone } from "../phone/e164.ts";
import { sandbox } from "../providers/sandbox.ts";
import { spellings } from "../receipts/receive.ts";

/** States of a message that may lie on a handset. */
const OUT: ReadonlySet<MessageStatus> = new Set<MessageStatus>([
  "sending",
  "unknown",
  "sent",
  "delivered",
  "undelivered",
  "unconfirmed",
]);

type Came = Pick<LoggedMessage, "provider" | "account" | "status">;

const mayBeOut = ({ status, provider }: Pick<Came, "status" | "provider">): boolean =>
  OUT.has(status) && provider !== sandbox.id;

/**
 * The message that a reply answers: the newest that its account sent, else its provider, else
 * anybody. `messages` come newest first.
 */
export function originOf<T extends Came>(
  reply: { readonly provider: string; readonly account: string },
  messages: readonly T[],
): T | null {
  const out = messages.filter(mayBeOut);
  const byAccount = out.find((one) => one.account === reply.account);
  return byAccount ?? out.find((one) => one.provider === reply.provider) ?? out[0] ?? null;
}

/** So long an offer is what its recipient complains of; opt-outs count for a campaign as long. */
const OBJECTED_TO_WITHIN = 7 * DAY;

type Offer = Pick<LoggedMessage, "provider" | "status" | "category" | "createdAt" | "sentAt">;

/** What a complaint that names no message is about: the newest offer. `messages` come newest first. */
export function offerMeant<T extends Offer>(messages: readonly T[], now: number): T | null {
  const offers = messages.filter((one) => one.category === "marketing" && mayBeOut(one));
  const since = now - OBJECTED_TO_WITHIN;
  return offers.find(({ sentAt, createdAt }) => (sentAt ?? createdAt) >= since) ?? null;
}

/** A number as it may have been meant, with its country where it has one. */
export interface Meant {
  /** E.164. */
  readonly e164: string;
  readonly country: string | null;
}

/** All that a vendor's spelling may stand for, the likelier first. */
export function numbersMeant(from: string): readonly [Meant, ...Meant[]] {
  const meant = spellings(from).map((e164): Meant => {
    const phone = parsePhone(e164);
    return { e164, country: phone.ok ? phone.value.country : null };
  });
  const valid = meant.filter((one) => one.country !== null);
  const [first = { e164: from, country: null }, ...more] = valid;
  return [first, ...more];
}
