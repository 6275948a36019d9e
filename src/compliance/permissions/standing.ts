import type { Permissions } from "../../phone/permissions.ts";

const STANDING = `
SELECT to_index AS number, scope, 'suppressed' AS kind, min(created_at) AS at FROM suppressions
WHERE storefront = ?1 AND to_index IN (SELECT value FROM json_each(?2)) GROUP BY 1, 2
UNION ALL
SELECT to_index, scope, 'consented', max(at) FROM consents
WHERE storefront = ?1 AND to_index IN (SELECT value FROM json_each(?2)) GROUP BY 1, 2`;

/**
 * What is on record of many numbers, by their blind indexes; one of which nothing is on record is
 * left out. A number's object is what decides in the end.
 */
export async function standingOf(
  binding: D1Database,
  storefront: string,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, Permissions>> {
  const { results } = await binding
    .prepare(STANDING)
    .bind(storefront, JSON.stringify(numbers))
    .all<{
      readonly number: string;
      readonly scope: string;
      readonly kind: "suppressed" | "consented";
      readonly at: number;
    }>();
  const found = new Map<string, Permissions>();
  for (const { number, scope, kind, at } of results) {
    const known = found.get(number) ?? { suppressed: {}, consented: {} };
    found.set(number, { ...known, [kind]: { ...known[kind], [scope]: at } });
  }
  return found;
}
