/** To one country: texts of which a receipt told the end. */
export interface Deliveries {
  readonly country: string;
  readonly delivered: number;
  readonly receipts: number;
}

/** Of an account since a time; `messages_receipted` holds all that it reads. */
export const COUNT_DELIVERIES = `
SELECT country, sum(status = 'delivered') AS delivered, count(*) AS receipts FROM messages
WHERE account = ?1 AND sent_at >= ?2 AND status IN ('delivered', 'undelivered')
GROUP BY country`;

/** One count for each country, in the order of their codes. */
export const addUp = (counts: readonly Deliveries[]): Deliveries[] =>
  [...Map.groupBy(counts, (one) => one.country)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([country, of]) => ({
      country,
      delivered: of.reduce((sum, one) => sum + one.delivered, 0),
      receipts: of.reduce((sum, one) => sum + one.receipts, 0),
    }));

/** Null without receipts: then nobody knows. */
export function deliveredShare(counts: readonly Omit<Deliveries, "country">[]): number | null {
  const receipts = counts.reduce((sum, one) => sum + one.receipts, 0);
  const delivered = counts.reduce((sum, one) => sum + one.delivered, 0);
  return receipts === 0 ? null : Math.round((delivered / receipts) * 10_000) / 10_000;
}
