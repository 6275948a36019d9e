import { noteEngagements } from "../audience/engage.ts";
import { type Audience, countMembers, type MemberDeps, pageSegment } from "../audience/members.ts";
import { noteEvents } from "../audience/note-events.ts";
import { restage, type TransitionEvent } from "../audience/restage.ts";
import { rescore } from "../audience/scores/rescore.ts";
import { cutsOfDay, readCuts, saveScores } from "../audience/scores/store.ts";
import {
  findStaged,
  forgetDays,
  pageStaged,
  readLifecycle,
  readWalk,
  saveLifecycle,
  saveTransitions,
  saveWalk,
} from "../audience/store.ts";
import { type WalkDeps, walkContacts } from "../audience/walk.ts";
import type { AudienceWays } from "../audience/ways.ts";
import { findContacts, type OrderOf } from "../contacts/store.ts";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import type { Clock } from "../lib/time.ts";
import type { ReceivingMessage } from "../messages/log.ts";
import { sealedIn } from "../messages/message.ts";
import type { NewEvent } from "../triggers/event.ts";
import type { EventEntry } from "../triggers/event-log.ts";

interface Parts {
  readonly env: Pick<Env, "DB">;
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  /** Tells the rules of a storefront what happened. */
  readonly publish: (storefront: string, events: readonly NewEvent[]) => Promise<void>;
  readonly logError: (event: string, error: unknown) => void;
}

const SAMPLED = 10;

const toNewEvent = (event: TransitionEvent): NewEvent => ({ ...event, to: null, country: null });

/** Segments, what they are told by, and the stages of life, wired together. */
export function wireAudience({ env, db, keys, clock, publish, logError }: Parts) {
  const members: MemberDeps = { binding: env.DB, clock };

  const walkDeps: WalkDeps = {
    clock,
    settingsOf: (storefront) => readLifecycle(db, storefront),
    publish: (storefront, events) => publish(storefront, events.map(toNewEvent)),
    save: (transitions) => saveTransitions(db, transitions),
    readWalk: () => readWalk(db),
    saveWalk: (walk) => saveWalk(db, walk),
    pageStaged: (after, limit) => pageStaged(db, after, limit),
    cutsOfDay: (storefront, day) => cutsOfDay(db, storefront, day),
    lastCuts: (storefront) => readCuts(db, storefront),
    saveScores: (scores) => saveScores(db, scores),
    forget: (contacts, before) => forgetDays(db, contacts, before),
    logError,
  };

  const ways: AudienceWays = {
    async preview(audience: Audience) {
      const [count, sampled] = await Promise.all([
        countMembers(members, audience),
        pageSegment(members, audience, "", SAMPLED),
      ]);
      const wanted = { ids: sampled.map((one) => one.id), numbers: [] };
      return { count, sample: await findContacts({ db, keys }, audience.storefront, wanted) };
    },
    lifecycleOf: (storefront) => readLifecycle(db, storefront),
    saveLifecycle: (storefront, settings) => saveLifecycle(db, storefront, settings),
  };

  return {
    ways,
    members,
    /** What is counted in the transaction that stores events; those of test keys are not. */
    alongside: (entries: readonly EventEntry[]) =>
      noteEvents(
        env.DB,
        entries
          .filter(({ event }) => !event.sandbox)
          .map(({ event: { key, name, contact, data }, numbers }) => ({
            key,
            name,
            contact,
            numbers,
            data,
          })),
      ),
    async reviewStages(storefront: string, orders: readonly OrderOf[]): Promise<void> {
      try {
        const ids = orders.flatMap(({ contact }) => contact ?? []);
        const numbers = orders.flatMap(({ to }) => (to === null ? [] : keys.blindIndexes(to)));
        const bought = await findStaged(db, storefront, { ids, numbers });
        await restage(walkDeps, bought);
        // By the last walk's cuts: to work them out is nothing for a request.
        await rescore({ cutsOf: walkDeps.lastCuts, saveScores: walkDeps.saveScores }, bought);
      } catch (error) {
        logError("stages-left-to-the-walk", error);
      }
    },
    /** Each minute: the day's walk goes on. */
    walk: (): Promise<void> => walkContacts(walkDeps),
    /** A code that arrives says nothing of a customer but that he signs in. */
    async noteDelivered(messages: readonly ReceivingMessage[], at: number): Promise<void> {
      const engaged = messages
        .filter(({ category }) => category !== "otp")
        .map(({ id, storefront, toIndex, toSealed }) => ({
          storefront,
          numbers: keys.isCurrent(toIndex)
            ? [toIndex]
            : keys.blindIndexes(keys.unseal(toSealed, sealedIn("to", id))),
          kind: "delivered" as const,
          at,
        }));
      await noteEngagements(env.DB, engaged);
    },
    /** Somebody answered a text. */
    noteReply: (storefront: string, to: string, at: number) =>
      noteEngagements(env.DB, [
        { storefront, numbers: keys.blindIndexes(to), kind: "replied", at },
      ]),
  };
}
