/** D1 takes two million bytes a parameter; characters may be three. */
const MOST_CHARACTERS = 500_000;

/** JSON arrays of these JSON values, each small enough to be one parameter, none of them empty. */
export function inParts(rows: readonly string[]): string[] {
  const parts: string[][] = [[]];
  let size = 0;
  for (const row of rows) {
    if (size > 0 && size + row.length > MOST_CHARACTERS) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(row);
    size += row.length;
  }
  return parts.filter((part) => part.length > 0).map((part) => `[${part.join(",")}]`);
}

/**
 * In SQL: the objects of a JSON array, each as `value`. The limit keeps the list whole: else each
 * field that is read would write and parse its object anew, which costs a wide row half its time.
 */
export const JSON_ROWS = "(SELECT value FROM json_each(?1) LIMIT -1)";
