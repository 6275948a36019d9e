import { JSON_ROWS } from "../db/parts.ts";

/** Of a row, all that its way out needs. */
export const ROW = `id, storefront, category, sender, to_sealed AS toSealed, country, zones, urgency, template,
  template_version AS templateVersion, text_sealed AS textSealed,
  variables_sealed AS variablesSealed, segments, reason, route, due_at AS dueAt, expires_at AS expiresAt,
  campaign, run, tries, hand_overs AS handOvers, created_at AS createdAt`;

/** A row as the database holds it: lists are JSON. */
export type Stored<T> = Omit<T, "route" | "zones"> & {
  readonly route: string | null;
  readonly zones: string | null;
};

export const parsed = <T>(row: Stored<T>): T =>
  ({
    ...row,
    route: JSON.parse(row.route ?? "[]"),
    zones: JSON.parse(row.zones ?? "[]"),
  }) as T;

/** What a receipt that came first has said stays said: ranks never fall. */
const unlessKnown = (column: string, value: string) =>
  `${column} = iif(messages.status_rank < 3 AND messages.status_rank <= s.value->>'rank',
     ${value}, messages.${column})`;

/** Each row as its settlement says, and in nobody's hand; `heardAt` is the SQL of a time or null. */
export const setSettled = (heardAt: string) => `
UPDATE messages SET ${unlessKnown("status", "s.value->>'status'")},
  ${unlessKnown("reason", "s.value->>'reason'")},
  ${unlessKnown("error_code", "s.value->>'errorCode'")},
  ${unlessKnown("provider_response", "s.value->>'providerResponse'")},
  ${unlessKnown("queue", "s.value->>'queue'")}, ${unlessKnown("due_at", "s.value->>'dueAt'")},
  status_rank = max(messages.status_rank, s.value->>'rank'),
  provider = s.value->>'provider', account = s.value->>'account',
  provider_message_id = coalesce(s.value->>'providerMessageId', provider_message_id),
  segments = iif(cost_amount IS NULL, coalesce(s.value->>'segments', segments), segments),
  cost_amount = coalesce(cost_amount, s.value->>'costAmount'),
  cost_currency = coalesce(cost_currency, s.value->>'costCurrency'),
  refundable = coalesce(refundable, s.value->>'refundable'),
  heard_at = coalesce(${heardAt}, heard_at), sent_at = s.value->>'sentAt',
  route = s.value->'route', tries = tries + (s.value->>'attempt' IS NOT NULL),
  asked = s.value->>'asked', claim = NULL, claimed_at = NULL,
  trace = iif(s.value->>'step' IS NULL, trace, json_insert(trace, '$[#]', s.value->'step'))
FROM ${JSON_ROWS} AS s
WHERE messages.id = s.value->>'id'`;
