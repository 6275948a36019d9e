import { type Clock, SECOND } from "../lib/time.ts";
import type { Settlement, WaitingMessage } from "../messages/queued.ts";
import type { Letter } from "./letters.ts";
import { wait } from "./settle.ts";

/** Where a letter goes when its account can't carry it. */
export type Next = { readonly account: string; readonly provider: string } | null;

/** A row that may go to a provider. */
export interface Addressed {
  readonly letter: Letter;
  readonly next: Next;
  /** Until when it may begin to leave, by its number's leave. */
  readonly goodUntil: number;
  /** The object of its number, if it is the first text there. */
  readonly firstOf: string | null;
}

/** A row that goes to none for now, or for ever. */
export interface Settled {
  readonly settled: Settlement;
}

export const isAddressed = (one: Addressed | Settled): one is Addressed => "letter" in one;

/** A message whose number, account or template could not be asked is tried again after this. */
export const TROUBLE_AGAIN_MS = 5 * SECOND;

export interface TroubleDeps {
  readonly clock: Clock;
  readonly logError: (event: string, error: unknown) => void;
}

/** One row that can't be worked with keeps no other back: it waits, for nothing was sent. */
export async function orWait<T>(
  deps: TroubleDeps,
  row: WaitingMessage,
  event: string,
  work: () => Promise<T>,
): Promise<T | Settled> {
  try {
    return await work();
  } catch (error) {
    deps.logError(event, error);
    return { settled: wait(row, deps.clock.now() + TROUBLE_AGAIN_MS, null) };
  }
}
