/** Maps all items, `most` of them at a stretch, with a pause between the stretches. */
export async function mapInSlices<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T, index: number) => R,
  pause: () => Promise<void>,
): Promise<R[]> {
  const results: R[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % most === 0) await pause();
    results.push(work(item, index));
  }
  return results;
}
