import { setTimeout as sleep } from "node:timers/promises";
import { Hongyan } from "../journeys/hongyan.ts";
import { type BareBulk, startBareBulk } from "./bare/bulk.ts";
import { routeAllByAliyun } from "./bulk.ts";
import { measureCodes } from "./campaign-codes.ts";
import { reportCampaigns, reportCodes } from "./campaign-report.ts";
import {
  barePipeline,
  type CampaignSide,
  type Ended,
  objectCalls,
  productCampaigns,
} from "./campaign-sides.ts";
import { median } from "./figures.ts";
import { openClient, type Send } from "./load.ts";
import { cpuMs, mountOf, rssMiB, workerdOf } from "./process.ts";
import { Recipients } from "./recipients.ts";

/** What each side sends before anything is measured. */
const WARM_UP = 1_000;
/** No number is met twice. */
const NUMBERS = 100_000_000;
const RSS_EVERY_MS = 100;
const SETTLE_MS = 1_000;

export interface CampaignOptions {
  readonly quick: boolean;
  readonly full: boolean;
}

/** One run of one side, from its start until all are handed over. */
export interface CampaignMeasure extends Ended {
  readonly recipients: number;
  readonly side: CampaignSide["name"];
  readonly seconds: number;
  /** Of its workerd, with what follows the hand-over. */
  readonly cpuMs: number;
  readonly rssMiB: number;
}

interface Contender {
  readonly side: CampaignSide;
  readonly recipients: Recipients;
  /** Its own workerd, with its simulator in it. */
  readonly pid: number;
}

/** Rounds by number of recipients. */
const plan = ({ quick, full }: CampaignOptions): readonly (readonly [number, number])[] => [
  [1_000, quick ? 2 : 3],
  ...(quick ? [] : [[10_000, 2] as const]),
  ...(full ? [[100_000, 1] as const] : []),
];

/**
 * Compares campaigns with one object call for each recipient, and codes beside a campaign with codes
 * alone; false when a text came twice, or a code failed.
 */
export async function benchCampaign(options: CampaignOptions): Promise<boolean> {
  const client = openClient();
  const cleanups: (() => unknown)[] = [client.close];
  const cleanUp = async () => {
    for (const dispose of cleanups.splice(0).reverse()) await dispose();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
  }
  const { send } = client;
  try {
    const product = new Hongyan();
    cleanups.push(() => product.dispose());
    await product.start({ LOG_LEVEL: "error" });
    await routeAllByAliyun(product);
    const campaigns = await productCampaigns(send, product);
    const bare = await startBareBulk();
    cleanups.push(bare.dispose);
    const contenders = [
      { side: campaigns, recipients: numbers("138"), pid: workerdOf(product.stateDirectory) },
      ...bareContenders(send, bare),
    ];
    const measures = await compare(contenders, options);
    const disks = [product.stateDirectory, bare.stateDirectory].map(mountOf);
    const areOnce = reportCampaigns({ measures, disks: [...new Set(disks)] });
    // Nothing else shall run beside what is measured next.
    await cleanups.pop()?.();

    const codes = await measureCodes({
      product,
      send,
      campaigns,
      recipients: numbers("136"),
      fastest: fastest(measures),
      seconds: options.quick ? 6 : 20,
    });
    return reportCodes(codes) && areOnce;
  } finally {
    await cleanUp();
  }
}

const numbers = (prefix: string): Recipients => new Recipients(prefix, NUMBERS);

function bareContenders(send: Send, bare: BareBulk): Contender[] {
  const pid = workerdOf(bare.stateDirectory);
  return [
    { side: objectCalls(send, bare), recipients: numbers("137"), pid },
    { side: barePipeline(send, bare), recipients: numbers("139"), pid },
  ];
}

/** What the product reached at its best size. */
function fastest(measures: readonly CampaignMeasure[]): number {
  const own = measures.filter(({ side }) => side === "campaign");
  const bySize = Map.groupBy(own, ({ recipients }) => recipients);
  return Math.max(
    ...[...bySize].map(([size, runs]) => median(runs.map(({ seconds }) => size / seconds))),
  );
}

async function compare(
  contenders: readonly Contender[],
  options: CampaignOptions,
): Promise<readonly CampaignMeasure[]> {
  for (const contender of contenders) await measure(contender, WARM_UP);
  const measures: CampaignMeasure[] = [];
  for (const [recipients, rounds] of plan(options)) {
    for (let round = 0; round < rounds; round++) {
      for (const contender of contenders) measures.push(await measure(contender, recipients));
    }
  }
  return measures;
}

async function measure(
  { side, recipients, pid }: Contender,
  count: number,
): Promise<CampaignMeasure> {
  const loaded = await side.load(recipients.take(count));
  await sleep(SETTLE_MS);
  const cpuBefore = cpuMs(pid);
  let rss = rssMiB(pid);
  const watch = setInterval(() => {
    rss = Math.max(rss, rssMiB(pid));
  }, RSS_EVERY_MS);
  const started = performance.now();
  try {
    await loaded.handOver();
    const seconds = (performance.now() - started) / 1_000;
    const ended = await loaded.settle();
    return {
      recipients: count,
      side: side.name,
      seconds,
      cpuMs: cpuMs(pid) - cpuBefore,
      rssMiB: rss,
      ...ended,
    };
  } finally {
    clearInterval(watch);
  }
}
