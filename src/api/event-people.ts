import type { Storefront } from "../storefronts/storefront.ts";
import type { NewEvent } from "../triggers/event.ts";
import type { Call } from "./endpoint.ts";
import { invalid, type Problem, problem } from "./problem.ts";
import { readNumber } from "./recipient.ts";
import type { Services } from "./services.ts";

const BOTH = invalid("contact", "is given beside to: an event is of one of them");
const NO_CONTACT = problem("not-found", "There is no such contact.");

/** In the order of the events, why each names nobody whom it could be about; null: it may be told. */
export async function refusePeople(
  { services }: Call<Services>,
  storefront: Storefront,
  events: readonly NewEvent[],
): Promise<(Problem | null)[]> {
  const ids = [...new Set(events.flatMap(({ contact }) => contact ?? []))];
  const found =
    ids.length > 0 ? await services.contactsOf(storefront.id, { ids, numbers: [] }) : [];
  const known = new Set(found.map(({ id }) => id));
  return events.map(({ to, country, contact }) => {
    if (to !== null && contact !== null) return BOTH;
    if (contact !== null) return known.has(contact) ? null : NO_CONTACT;
    if (to === null) return null;
    const read = readNumber({ to, country: country ?? undefined }, storefront);
    return "problem" in read ? read : null;
  });
}
