import { setTimeout as sleep } from "node:timers/promises";
import { Hongyan } from "../journeys/hongyan.ts";
import { measureBacklog } from "./backlog.ts";
import { startBareBulk } from "./bare/bulk.ts";
import { reportBacklog, reportCounts, reportRuns } from "./bulk-report.ts";
import { type BulkSide, bareBulk, productBulk } from "./bulk-sides.ts";
import { countWrites } from "./counting.ts";
import { openClient, until } from "./load.ts";
import { cpuMs, mountOf, rssMiB, workerdOf } from "./process.ts";
import { chunks, Recipients } from "./recipients.ts";

/** Numbers that have had a text before anything is measured. */
const POOL = 5_000;
const BATCH = 1_000;
/** Messages of the run that counts writes: its objects must not fall asleep before they are read. */
const COUNTED = 1_000;
const RSS_EVERY_MS = 100;
/** What a run leaves to be done (alarms, checkpoints) is done within this. */
const SETTLE_MS = 1_000;

export interface BulkOptions {
  readonly quick: boolean;
  readonly full: boolean;
  readonly backlog: boolean;
}

/** One run of one side; seconds are from the first request. */
export interface Run {
  readonly messages: number;
  readonly side: BulkSide["name"];
  readonly accepted: number;
  readonly handedOver: number;
  readonly delivered: number;
  readonly cpuMs: number;
  readonly rssMiB: number;
  readonly duplicates: number;
}

interface Contender {
  readonly side: BulkSide;
  readonly recipients: Recipients;
  /** Its own workerd, with its simulator in it. */
  readonly pid: number;
  total: number;
}

/** Rounds by number of messages. */
const plan = ({ quick, full }: BulkOptions): readonly (readonly [number, number])[] => [
  [1_000, quick ? 3 : 7],
  [10_000, quick ? 1 : 3],
  ...(full ? [[100_000, 1] as const] : []),
];

/** Compares the product's bulk path with the least that could do the same; false when texts came twice. */
export async function benchBulk(options: BulkOptions): Promise<boolean> {
  const client = openClient();
  const cleanups: (() => unknown)[] = [];
  const cleanUp = async () => {
    for (const dispose of cleanups.splice(0).reverse()) await dispose();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
  }
  const startProduct = async () => {
    const product = new Hongyan();
    cleanups.push(() => product.dispose());
    return await product.start({ LOG_LEVEL: "error" });
  };
  const { send } = client;
  try {
    const [product, bare] = [await startProduct(), await startBareBulk()];
    cleanups.push(bare.dispose);
    await routeAllByAliyun(product);
    const contenders = [
      contend(productBulk(send, product), "138", product.stateDirectory),
      contend(bareBulk(send, bare), "139", bare.stateDirectory),
    ];
    const runs = await compare(contenders, options);
    const disks = [product.stateDirectory, bare.stateDirectory].map(mountOf);
    const areOnce = reportRuns({ runs, disks: [...new Set(disks)] });
    await cleanUp();

    reportCounts(await countWrites(send, COUNTED));
    if (options.full || options.backlog) {
      const size = options.quick ? { rows: 20_000, samples: 40 } : { rows: 200_000, samples: 100 };
      reportBacklog(await measureBacklog(await startProduct(), send, size));
    }
    return areOnce;
  } finally {
    await cleanUp();
    client.close();
  }
}

const contend = (side: BulkSide, prefix: string, stateDirectory: string): Contender => ({
  side,
  recipients: new Recipients(prefix, POOL),
  pid: workerdOf(stateDirectory),
  total: 0,
});

async function compare(
  contenders: readonly Contender[],
  options: BulkOptions,
): Promise<readonly Run[]> {
  for (const contender of contenders) await measure(contender, POOL);
  const runs: Run[] = [];
  for (const [messages, rounds] of plan(options)) {
    for (let round = 0; round < rounds; round++) {
      for (const contender of contenders) runs.push(await measure(contender, messages));
    }
  }
  return runs;
}

/** One provider on both sides. */
export async function routeAllByAliyun(product: Hongyan): Promise<void> {
  const { body: accounts } = await product.request("GET", "/v1/provider-accounts");
  const aliyun = accounts.data.find((one: { provider: string }) => one.provider === "aliyun");
  const rule = { match: {}, candidates: [{ account: aliyun.id, weight: 1 }], strategy: "priority" };
  const { status } = await product.request("PUT", "/v1/routes", { rules: [rule] });
  if (status !== 200) throw new Error(`routes answered ${status}`);
}

async function measure(contender: Contender, messages: number): Promise<Run> {
  const { side, pid } = contender;
  const batches = chunks(contender.recipients.take(messages), BATCH);
  await sleep(SETTLE_MS);
  const before = await side.carried();
  const cpuBefore = cpuMs(pid);
  contender.total += messages;
  const { total } = contender;
  let rss = 0;
  const watch = setInterval(() => {
    rss = Math.max(rss, rssMiB(pid));
  }, RSS_EVERY_MS);
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1_000;
  try {
    for (const batch of batches) await side.accept(batch);
    const accepted = seconds();
    await until(async () => (await side.carried()).recipients >= before.recipients + messages);
    const handedOver = await until(() => side.isHandedOver(total), seconds);
    const delivered = await until(() => side.isDelivered(total), seconds);
    const after = await side.carried();
    if (after.recipients !== before.recipients + messages) {
      throw new Error(`${side.name} sent ${after.recipients - before.recipients} of ${messages}`);
    }
    return {
      messages,
      side: side.name,
      accepted,
      handedOver,
      delivered,
      cpuMs: cpuMs(pid) - cpuBefore,
      rssMiB: Math.max(rss, rssMiB(pid)),
      duplicates: after.duplicates - before.duplicates,
    };
  } finally {
    clearInterval(watch);
  }
}
