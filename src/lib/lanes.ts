/** Maps all items with at most `most` of them under way at a time; results are in the items' order. */
export async function mapInLanes<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const waiting = items.entries();
  const lane = async () => {
    for (const [index, item] of waiting) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, lane));
  return items.map((_, index) => results.get(index) as R);
}
