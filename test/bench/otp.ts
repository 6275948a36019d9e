import { setTimeout as sleep } from "node:timers/promises";
import { Hongyan } from "../journeys/hongyan.ts";
import { startBareOtp } from "./bare/otp.ts";
import { closedLoop, openClient, type Send } from "./load.ts";
import { type Kind, Numbers } from "./numbers.ts";
import { report } from "./otp-report.ts";
import { isYardstick, type Row } from "./otp-row.ts";
import { bareSide, productSide, type Side } from "./otp-sides.ts";
import { cpuMs, mountOf, rssMiB, workerdOf } from "./process.ts";

const KINDS: readonly Kind[] = ["new", "returning"];
const CLIENTS = [1, 16, 64] as const;
/** Many short rounds: a burst of other work on the machine spoils one, and medians drop it. */
const ROUNDS = 4;
const POOL = 1_000;
/** Log rows and receipts of a window are written within this, so not during the next one. */
const SETTLE_MS = 500;
const RAW_MS = 500;

interface Contender {
  readonly side: Side;
  readonly numbers: Numbers;
  /** Its own workerd, with its simulator in it. */
  readonly pid: number;
}

/** Compares the product with the least that could do the same; false when the bare rate is no measure. */
export async function benchOtp({ quick }: { readonly quick: boolean }): Promise<boolean> {
  const windowMs = quick ? 500 : 1_500;
  const product = new Hongyan();
  const client = openClient();
  const cleanups: (() => unknown)[] = [() => product.dispose(), client.close];
  const cleanUp = async () => {
    for (const dispose of cleanups.splice(0).reverse()) await dispose();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
  }
  try {
    await product.start({ LOG_LEVEL: "error" });
    const caps = { per_hour: 100_000, per_day: 100_000 };
    await product.settings({ resend_after_seconds: 0, caps });
    const bare = await startBareOtp();
    cleanups.push(bare.dispose);
    const { send } = client;
    const contenders: readonly Contender[] = [
      {
        side: productSide(send, product.api, product.simulator),
        numbers: new Numbers("138"),
        pid: workerdOf(product.stateDirectory),
      },
      {
        side: bareSide(send, bare),
        numbers: new Numbers("139"),
        pid: workerdOf(bare.stateDirectory),
      },
    ];
    for (const contender of contenders) await warm(contender);
    const measureRaw = () => rawPerSecond(send, bare.origin);
    const found = await measureAll(contenders, windowMs, measureRaw);
    const disks = [product.stateDirectory, bare.stateDirectory].map(mountOf);
    return report({ ...found, disks: [...new Set(disks)], windowMs });
  } finally {
    await cleanUp();
  }
}

async function measureAll(
  contenders: readonly Contender[],
  windowMs: number,
  measureRaw: () => Promise<number>,
): Promise<{ readonly rows: readonly Row[]; readonly raw: readonly number[] }> {
  const rows: Row[] = KINDS.flatMap((kind) =>
    CLIENTS.flatMap((clients) =>
      contenders.map(({ side }) => ({
        ...{ kind, clients, side: side.name, cpuMs: 0, rssMiB: 0 },
        windows: [],
        sends: [],
        checks: [],
      })),
    ),
  );
  const raw: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const row of rows) {
      if (isYardstick(row)) raw.push(await measureRaw());
      const contender = contenders.find((one) => one.side.name === row.side);
      if (contender) await measure(contender, row, windowMs);
    }
  }
  return { rows, raw };
}

async function measure(
  { side, numbers, pid }: Contender,
  row: Row,
  windowMs: number,
): Promise<void> {
  await sleep(SETTLE_MS);
  const cpuBefore = cpuMs(pid);
  let cycles = 0;
  const seconds = await closedLoop(row.clients, windowMs, async () => {
    const number = numbers.take(row.kind);
    await cycle(side, number, row);
    numbers.giveBack(row.kind, number);
    cycles++;
  });
  row.windows.push({ cycles, seconds });
  row.cpuMs += cpuMs(pid) - cpuBefore;
  row.rssMiB = Math.max(row.rssMiB, rssMiB(pid));
}

/** One verification from the request to the approval; reading the handset is not timed. */
async function cycle(
  side: Side,
  number: string,
  into: { readonly sends: number[]; readonly checks: number[] },
): Promise<void> {
  const started = performance.now();
  await side.send(number);
  into.sends.push(performance.now() - started);
  const code = await side.code(number);
  const sent = performance.now();
  await side.check(number, code);
  into.checks.push(performance.now() - sent);
}

async function warm({ side, numbers }: Contender): Promise<void> {
  let left = POOL;
  const loops = Array.from({ length: 16 }, async () => {
    while (left-- > 0) {
      const number = numbers.take("new");
      await cycle(side, number, { sends: [], checks: [] });
      numbers.giveBack("returning", number);
    }
  });
  await Promise.all(loops);
}

/** The fastest that workerd and this process can exchange anything, by the bare Worker. */
async function rawPerSecond(send: Send, origin: string): Promise<number> {
  let requests = 0;
  const seconds = await closedLoop(16, RAW_MS, async () => {
    await send("GET", `${origin}/raw`);
    requests++;
  });
  return requests / seconds;
}
