/** Between the looks that follow a beginning: 0.3, 0.6, 1, 2 and 4 s after it. */
const WAITS_MS = [300, 300, 400, 1_000, 2_000];

/** Looks a few times, ever more seldom, while there is something to wait for: what ends soon shows at once. */
export async function follow(
  wait: (ms: number) => Promise<void>,
  isPending: () => Promise<boolean>,
): Promise<void> {
  for (const waitMs of WAITS_MS) {
    await wait(waitMs);
    if (!(await isPending())) return;
  }
}
