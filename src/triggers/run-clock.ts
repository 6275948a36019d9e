import type { Storefront } from "../storefronts/storefront.ts";
import { publishEvents } from "./publish-events.ts";
import type { Rule } from "./rule.ts";
import type { TriggerWorld } from "./run-due.ts";
import {
  type DayFilter,
  filterOf,
  occasionOf,
  type Person,
  type Span,
  spanToDo,
} from "./time-rules.ts";

export interface ClockDeps {
  /** Up to when each rule's people were looked through. */
  readonly readClocks: () => Promise<ReadonlyMap<string, number>>;
  readonly saveClock: (rule: string, doneUntil: number) => Promise<unknown>;
  /** In the order of their ids, after one of them. */
  readonly people: (
    storefront: string,
    filter: DayFilter,
    page: { readonly after: string; readonly most: number },
  ) => Promise<readonly Person[]>;
}

/** People in memory at a time. */
const PAGE = 200;

async function runRule(
  deps: ClockDeps,
  world: TriggerWorld,
  { rule, storefront, span }: { rule: Rule; storefront: Storefront; span: Span },
): Promise<void> {
  const filter = filterOf(rule, span);
  let after = "";
  for (;;) {
    const page = await deps.people(storefront.id, filter, { after, most: PAGE });
    const events = page.flatMap((person) => occasionOf(rule, person, storefront, span) ?? []);
    if (events.length > 0) await publishEvents(world, storefront, events, rule);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.id;
  }
}

/**
 * Makes the events that people's days are. A rule begins with the moment in which it is first seen;
 * what a crash leaves is looked through again, and no day becomes an event twice.
 */
export async function runClock(deps: ClockDeps, world: TriggerWorld, now: number): Promise<void> {
  const timed = world.rules.filter((rule) => rule.enabled && rule.timing !== null);
  if (timed.length === 0) return;
  const clocks = await deps.readClocks();
  for (const rule of timed) {
    const storefront = world.storefronts.find((one) => one.id === rule.storefront);
    const doneUntil = clocks.get(rule.id);
    const span = doneUntil === undefined ? null : spanToDo(doneUntil, now);
    if (storefront && span) await runRule(deps, world, { rule, storefront, span });
    if (span || doneUntil === undefined) await deps.saveClock(rule.id, now);
  }
}
