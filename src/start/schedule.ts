import type { Miniflare } from "miniflare";

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

/** Calls `tick` whenever the clock passes a whole period, never twice at once; answers how to stop. */
export function every(
  periodMs: number,
  tick: () => Promise<void>,
  onError: (error: unknown) => void,
): () => void {
  let timer: NodeJS.Timeout;
  let isStopped = false;
  const plan = () => {
    if (!isStopped) timer = setTimeout(run, periodMs - (Date.now() % periodMs));
  };
  const run = () => {
    tick().catch(onError).finally(plan);
  };
  plan();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
