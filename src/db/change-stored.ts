/** Writers at once of whom each is heard: in every round one of them writes. */
const MOST_TRIES = 200;

/** Something stored that is changed as a whole, by whoever saw it as it is. */
export interface Stored<T> {
  read(): Promise<T | undefined>;
  /** Writes it if it still is what it was `before`; false when somebody was faster. */
  replace(before: T | undefined, next: T): Promise<boolean>;
}

/** Changes it as it stands at that moment, so that of two changes at once both hold. */
export async function changeStored<T>(
  stored: Stored<T>,
  change: (before: T | undefined) => T,
): Promise<T> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const before = await stored.read();
    const next = change(before);
    if (await stored.replace(before, next)) return next;
  }
  throw new Error("changed by too many at once");
}
