import type { Contact } from "../contacts/contact.ts";
import { contactsOnDays, type DatedContact, findContacts } from "../contacts/store.ts";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import type { Clock } from "../lib/time.ts";
import { holdsInForce } from "../privacy/store.ts";
import type { NewEvent } from "../triggers/event.ts";
import { type Alongside, EventLog } from "../triggers/event-log.ts";
import type { ContactsOf, KnownContact } from "../triggers/occasion.ts";
import { publishEvents } from "../triggers/publish-events.ts";
import type { CustomerDeps } from "../triggers/receive-customer.ts";
import { type ClockDeps, runClock } from "../triggers/run-clock.ts";
import { forgetOldEvents, runDue, type TriggerWorld } from "../triggers/run-due.ts";
import type { TriggerDeps } from "../triggers/send-occasions.ts";
import { readClocks, saveClock } from "../triggers/store.ts";
import type { Person } from "../triggers/time-rules.ts";

interface Parts {
  readonly env: Pick<Env, "DB" | "TRIGGER_CLOCK">;
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  /** What else is written with new events. */
  readonly alongside: Alongside;
  readonly reviewStages: TriggerDeps["reviewStages"];
  readonly customers: CustomerDeps;
  readonly logError: (event: string, error: unknown) => void;
  /** The world of live or of test keys at this moment. */
  readonly open: (
    sandbox: boolean,
    later: (work: Promise<unknown>) => void,
  ) => Promise<TriggerWorld>;
}

const known = ({ id, to, attributes, ...fields }: Contact): KnownContact => {
  const { timezone, city, locale, birthday, lifecycle, rfm, country } = fields;
  const own = { timezone, city, locale, birthday, lifecycle, rfm, country };
  return { id, e164: to, locale, facts: { ...attributes, ...own, attributes } };
};

/** Where an import or a shop says when points expire, and how many. */
const EXPIRY = "points_expire_on";
const POINTS = "points";

function toPerson({ to, attributes, ...contact }: DatedContact): Person {
  const expiry = attributes[EXPIRY];
  const points = attributes[POINTS];
  return {
    ...contact,
    e164: to,
    pointsExpireOn: typeof expiry === "string" ? expiry : null,
    points: typeof points === "number" ? points : null,
  };
}

/** Events, the rules that hear them and the clock behind both, wired together. */
export function wireTriggers(parts: Parts) {
  const { env, db, keys, clock, logError, open } = parts;
  const events = new EventLog(env.DB, keys, parts.alongside);
  const wakeClock = (at: number): Promise<void> => env.TRIGGER_CLOCK.getByName("clock").wakeBy(at);
  const contactsOf: ContactsOf = async (storefront, wanted) =>
    (await findContacts({ db, keys }, storefront, wanted)).map(known);

  const clockDeps: ClockDeps = {
    readClocks: () => readClocks(db),
    saveClock: (rule, doneUntil) => saveClock(db, rule, doneUntil),
    async people(storefront, filter, page) {
      const wanted =
        "pointsExpireOn" in filter
          ? { attribute: { name: EXPIRY, values: filter.pointsExpireOn } }
          : filter;
      return (await contactsOnDays({ db, keys }, storefront, wanted, page)).map(toPerson);
    },
  };

  /** A number in a legal hold keeps its events as well, under whichever key they were stored. */
  async function heldNumbers(): Promise<string[]> {
    const holds = await holdsInForce({ db, keys }, clock.now());
    return holds.flatMap(({ to }) => (to === null ? [] : keys.blindIndexes(to)));
  }

  return {
    /** What endpoints take. */
    ways: {
      events,
      contactsOf,
      reviewStages: parts.reviewStages,
      wakeClock,
      logError,
    },
    clockDeps,
    shopHooks: {
      db,
      keys,
      customers: parts.customers,
      open: (later: (work: Promise<unknown>) => void) => open(false, later),
    },
    /** Tells events that nobody's key tells: they are live ones. */
    async publish(storefront: string, events: readonly NewEvent[]): Promise<void> {
      const behind: Promise<unknown>[] = [];
      const world = await open(false, (work) => void behind.push(work));
      const own = world.storefronts.find((one) => one.id === storefront);
      if (own) await publishEvents(world, own, events);
      await Promise.all(behind);
    },
    /** The clock's work; returns when it is due again, or null. */
    async tick(): Promise<number | null> {
      // An alarm has no answer behind which work could go on: it waits for all of it.
      const behind: Promise<unknown>[] = [];
      const openHere = (sandbox: boolean) => open(sandbox, (work) => void behind.push(work));
      await runClock(clockDeps, await openHere(false), clock.now());
      await runDue(events, openHere, clock.now());
      await forgetOldEvents(events, clock.now(), await heldNumbers());
      await Promise.all(behind);
      return events.nextDue();
    },
    /** Starts the clock, and starts it again should it ever have stopped. */
    wake: (): Promise<void> => wakeClock(clock.now()),
  };
}
