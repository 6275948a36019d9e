import { DAY } from "../lib/time.ts";
import type { Engagement } from "./filter.ts";

/** That a text reached somebody, or that he did something about it. */
export interface Engaged {
  readonly storefront: string;
  /** Blind indexes of the number under every live key. */
  readonly numbers: readonly string[];
  readonly kind: Engagement;
  readonly at: number;
}

const NOTE = `
INSERT INTO engagements (contact, kind, day)
SELECT contacts.id, did.value->>'kind', (did.value->>'at') / ${DAY}
FROM json_each(?1) AS did
JOIN contacts ON contacts.storefront = did.value->>'storefront'
  AND contacts.to_index IN (SELECT value FROM json_each(did.value->'numbers'))
WHERE true
ON CONFLICT DO NOTHING`;

/** Notes it of those who are contacts: one statement, however many; the same again changes nothing. */
export async function noteEngagements(
  binding: D1Database,
  engaged: readonly Engaged[],
): Promise<void> {
  if (engaged.length > 0) await binding.prepare(NOTE).bind(JSON.stringify(engaged)).run();
}
