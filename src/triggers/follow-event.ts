import type { NewEvent, StoredEvent } from "./event.ts";

/** What a call refers to instead of saying whom it is about. */
export interface Followed {
  /** Ids of earlier events, the likeliest first. */
  readonly events: readonly string[];
  /** Data that the earlier event says better. */
  readonly take: readonly string[];
}

/** The event, for the person and in the words of the one that it follows, where it names nobody. */
export async function followEvent(
  event: NewEvent,
  { events, take }: Followed,
  find: (id: string) => Promise<Pick<StoredEvent, "to" | "country" | "data"> | null>,
): Promise<NewEvent> {
  if (event.to !== null) return event;
  for (const id of events) {
    const earlier = await find(id);
    if (!earlier?.to) continue;
    const { to, country } = earlier;
    const taken = Object.entries(earlier.data).filter(([name]) => take.includes(name));
    return { ...event, to, country, data: { ...event.data, ...Object.fromEntries(taken) } };
  }
  return event;
}
