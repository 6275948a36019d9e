import type { Audience, Member } from "./campaign.ts";

/** Who has no text of a campaign: `?1` its id, `?2` its storefront. The holdout stays the same over all runs. */
const REST = `
FROM campaign_recipients AS r JOIN contacts AS c ON c.id = r.contact
WHERE r.campaign = ?1 AND r.run = (SELECT max(at) FROM campaign_runs WHERE campaign = ?1)
  AND r.reason IS NOT NULL AND c.storefront = ?2
  AND NOT EXISTS (SELECT 1 FROM campaign_recipients AS had
    WHERE had.campaign = ?1 AND had.run IN (SELECT at FROM campaign_runs WHERE campaign = ?1)
      AND had.contact = r.contact AND had.message IS NOT NULL)`;

const COLUMNS = `c.id, c.to_sealed AS toSealed, c.country, c.timezone, c.city, c.locale, c.attributes`;

/**
 * An audience in which a campaign's id stands for those whom it sent nothing: the holdout, and who
 * was left out for a reason.
 */
export function withRests(binding: D1Database, segments: Audience): Audience {
  const isCampaign = (id: string): boolean => id.startsWith("cmp_");
  return {
    async fingerprint(storefront, id) {
      if (!isCampaign(id)) return segments.fingerprint(storefront, id);
      const found = await binding
        .prepare("SELECT 1 FROM campaigns WHERE id = ?1 AND storefront = ?2")
        .bind(id, storefront)
        .first();
      return found === null ? null : `rest of ${id}`;
    },
    async count(storefront, id) {
      if (!isCampaign(id)) return segments.count(storefront, id);
      const row = await binding
        .prepare(`SELECT count(*) AS count ${REST}`)
        .bind(id, storefront)
        .first<{ count: number }>();
      return row?.count ?? 0;
    },
    async page(storefront, id, after, most) {
      if (!isCampaign(id)) return segments.page(storefront, id, after, most);
      const { results } = await binding
        .prepare(`SELECT ${COLUMNS} ${REST} AND r.contact > ?3 ORDER BY r.contact LIMIT ?4`)
        .bind(id, storefront, after, most)
        .all<Omit<Member, "attributes"> & { readonly attributes: string }>();
      return results.map((row) => ({ ...row, attributes: JSON.parse(row.attributes) }));
    },
  };
}
