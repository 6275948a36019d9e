import { DAY } from "../lib/time.ts";
import type { AgedMessage } from "../messages/aging.ts";

/** What was sent has to be shown to authorities for so long, even of a person who wants it gone. */
export const LEGAL_MINIMUM = 185 * DAY;

export interface RetentionFacts {
  readonly now: number;
  /** How long a policy keeps such a message. */
  readonly keptFor: (message: AgedMessage) => number;
  readonly isHeld: (message: AgedMessage) => boolean;
}

/** What a day's work does with a message: `wipe` leaves the row, for figures, without its person. */
export function judgeAge(message: AgedMessage, facts: RetentionFacts): "keep" | "wipe" | "delete" {
  if (!message.isFinal || facts.isHeld(message)) return "keep";
  const age = facts.now - message.endedAt;
  if (age < LEGAL_MINIMUM) return "keep";
  if (age >= facts.keptFor(message)) return "delete";
  return message.erasedAt !== null && !message.isWiped ? "wipe" : "keep";
}

/** What erasing a person does with a message: a young one is blocked until the law lets go of it. */
export function judgeErasure(
  message: AgedMessage,
  facts: Pick<RetentionFacts, "now" | "isHeld">,
): "held" | "wipe" | "block" {
  if (facts.isHeld(message)) return "held";
  const isOld = message.isFinal && facts.now - message.endedAt >= LEGAL_MINIMUM;
  return isOld ? "wipe" : "block";
}
