import { DAY } from "../lib/time.ts";

/** An event as far as it says something of a contact. */
export interface NotedEvent {
  /** Of its row; without one it was told before and counts no second time. */
  readonly key: string;
  readonly name: string;
  /** A `ctc_` id. */
  readonly contact: string | null;
  /** Blind indexes of its number under every live key. */
  readonly numbers: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

/** What was paid: an order that is merely placed may never be. */
const PURCHASE = "order.paid";
/** Who placed one is no lost customer all the same. */
const PLACED = "order.created";

/** Parameter: the events as JSON. Whom an event names by id counts before whose number it is. */
const TOLD = `
SELECT told.value AS said, happened.storefront, happened.occurred_at AS at, coalesce(
    (SELECT id FROM contacts WHERE id = told.value->>'contact'
      AND storefront = happened.storefront),
    (SELECT id FROM contacts WHERE storefront = happened.storefront
      AND to_index IN (SELECT value FROM json_each(told.value->'numbers')))) AS contact
FROM json_each(?1) AS told
JOIN events AS happened ON happened.key = told.value->>'key'`;

const COUNT = `
INSERT INTO event_counts (contact, name, day, count)
SELECT contact, said->>'name', at / ${DAY}, count(*) FROM (${TOLD})
WHERE contact IS NOT NULL
GROUP BY 1, 2, 3
ON CONFLICT DO UPDATE SET count = event_counts.count + excluded.count`;

/** An amount in another currency than the storefront's adds an order and no money. */
const ADD_PURCHASES = `
WITH paid AS MATERIALIZED (
  SELECT contact, count(*) AS orders, max(at) AS last,
    sum(iif(coalesce(said->>'currency', currency) IS currency, said->>'amount', 0)) AS spent
  FROM (SELECT own.*, shop.currency FROM (${TOLD}) AS own
    LEFT JOIN storefronts AS shop ON shop.id = own.storefront)
  WHERE contact IS NOT NULL GROUP BY contact)
UPDATE contacts SET orders = coalesce(contacts.orders, 0) + paid.orders,
  spent = coalesce(contacts.spent, 0) + paid.spent,
  last_order_at = max(coalesce(contacts.last_order_at, 0), paid.last)
FROM paid WHERE contacts.id = paid.contact`;

const NOTE_PLACED = `
WITH placed AS MATERIALIZED (
  SELECT contact, max(at) AS last FROM (${TOLD}) WHERE contact IS NOT NULL GROUP BY contact)
UPDATE contacts SET last_order_at = max(coalesce(contacts.last_order_at, 0), placed.last)
FROM placed WHERE contacts.id = placed.contact`;

/** What an order says that it came to; nothing that can be read as a number is nothing. */
function amountOf({ total, amount }: NotedEvent["data"]): number {
  const said = total ?? amount;
  const read = typeof said === "string" && said.trim() !== "" ? Number(said) : said;
  return typeof read === "number" && Number.isFinite(read) ? Math.max(0, read) : 0;
}

/**
 * The statements that count events for the contacts they are of. They belong behind the one that
 * stores the events, in its transaction: what it does not store they do not find.
 */
export function noteEvents(
  binding: D1Database,
  events: readonly NotedEvent[],
): readonly D1PreparedStatement[] {
  const named = events.filter(({ contact, numbers }) => contact !== null || numbers.length > 0);
  const purchases = named
    .filter(({ name }) => name === PURCHASE)
    .map(({ data, ...event }) => {
      const currency = typeof data.currency === "string" ? data.currency : null;
      return { ...event, currency, amount: amountOf(data) };
    });
  const placed = named.filter(({ name }) => name === PLACED);
  const statement = (text: string, rows: readonly object[]) =>
    rows.length > 0 ? [binding.prepare(text).bind(JSON.stringify(rows))] : [];
  return [
    ...statement(
      COUNT,
      named.map(({ data, ...event }) => event),
    ),
    ...statement(ADD_PURCHASES, purchases),
    ...statement(
      NOTE_PLACED,
      placed.map(({ data, ...event }) => event),
    ),
  ];
}
