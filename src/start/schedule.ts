import type { Miniflare } from "miniflare";

const MINUTE_MS = 60_000;

/** Runs the Worker's cron handler once, as Cloudflare would at `scheduledTime`. */
export async function runTick(
  miniflare: Miniflare,
  worker: string,
  scheduledTime: Date,
): Promise<void> {
  // Asked for anew each time: a handle does not survive a restart of workerd.
  const fetcher = await miniflare.getWorker(worker);
  const { outcome } = await fetcher.scheduled({ cron: "* * * * *", scheduledTime });
  if (outcome !== "ok") throw new Error(`the minute's work ended with ${outcome}`);
}

/** Calls `tick` at the start of every minute, never twice at once; answers how to stop. */
export function everyMinute(
  tick: () => Promise<void>,
  onError: (error: unknown) => void,
): () => void {
  let timer: NodeJS.Timeout;
  const plan = () => {
    timer = setTimeout(run, MINUTE_MS - (Date.now() % MINUTE_MS));
  };
  const run = () => {
    tick().catch(onError).finally(plan);
  };
  plan();
  return () => clearTimeout(timer);
}
