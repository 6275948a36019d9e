import { median, percent, percentile, printTable, verdict } from "./figures.ts";
import type { Kind } from "./numbers.ts";
import { isYardstick, type Row, type Window } from "./otp-row.ts";

const GOALS: Readonly<Record<Kind, number>> = { new: 0.7, returning: 0.6 };
const OWN_PART_GOAL_MS = 3;

/**
 * An object that commits once a request reaches 0.08 of a bare answer's rate on the reference
 * machine. A cycle commits twice, so 0.04; under half of that the bare side is no yardstick.
 */
const LEAST_BARE_TO_RAW = 0.08 / 2 / 2;

export interface Findings {
  readonly rows: readonly Row[];
  /** Raw answers a second, once a round. */
  readonly raw: readonly number[];
  readonly disks: readonly string[];
  readonly windowMs: number;
}

/** Prints what was measured; false when the bare side was too slow to compare with. */
export function report({ rows, raw, disks, windowMs }: Findings): boolean {
  const find = (kind: Kind, clients: number, side: Row["side"]): Row | undefined =>
    rows.find((row) => row.kind === kind && row.clients === clients && row.side === side);

  console.log(`Disk: ${disks.join("; ")}`);
  console.log(
    `${raw.length} windows of ${windowMs / 1000} s a row, product and bare in turn. A cycle is a send,` +
      " a look at the handset and a check;\nlatencies in ms. CPU and memory are of a side's workerd, its" +
      " own simulator included.\n",
  );
  printTable([HEADINGS, ...rows.map(describe)], [0, 2]);

  console.log("\nProduct to bare, cycles/s (median of the rounds):");
  for (const row of rows.filter(({ side }) => side === "product")) {
    const bare = find(row.kind, row.clients, "bare");
    if (!bare) continue;
    const ratio = median(
      row.windows.map((window, round) => rate(window) / rate(bare.windows[round])),
    );
    const goal = GOALS[row.kind];
    console.log(
      `  ${row.kind.padEnd(9)} ${String(row.clients).padStart(2)} clients` +
        `  ${percent(ratio)}  goal ${percent(goal)}  ${verdict(ratio >= goal)}`,
    );
  }
  const [product, bare] = [find("returning", 1, "product"), find("returning", 1, "bare")];
  if (product && bare) {
    const own = percentile(product.sends, 0.5) - percentile(bare.sends, 0.5);
    console.log(
      `Own part of a send (p50, returning, 1 client): ${own.toFixed(2)} ms,` +
        ` goal ${OWN_PART_GOAL_MS} ms  ${verdict(own <= OWN_PART_GOAL_MS)}`,
    );
  }
  const yardstick = rows.find(isYardstick)?.windows ?? [];
  const bareToRaw = median(yardstick.map((window, round) => rate(window) / (raw[round] ?? 0)));
  const isMeasure = bareToRaw >= LEAST_BARE_TO_RAW;
  console.log(
    `Bare to raw (returning, 16 clients; raw ${median(raw).toFixed(0)}/s): ${bareToRaw.toFixed(3)},` +
      ` at least ${LEAST_BARE_TO_RAW}  ${isMeasure ? "ok" : "FAILED: the bare side is no measure"}`,
  );
  return isMeasure;
}

const HEADINGS = [
  ...[
    "numbers",
    "clients",
    "side",
    "cycles/s",
    "send p50",
    "p95",
    "p99",
    "check p50",
    "p95",
    "p99",
  ],
  ...["CPU ms/cycle", "RSS MiB"],
];

const describe = (row: Row): string[] => [
  row.kind,
  String(row.clients),
  row.side,
  median(row.windows.map(rate)).toFixed(0),
  ...[row.sends, row.checks].flatMap((times) =>
    [0.5, 0.95, 0.99].map((share) => percentile(times, share).toFixed(1)),
  ),
  (row.cpuMs / row.windows.reduce((sum, { cycles }) => sum + cycles, 0)).toFixed(2),
  row.rssMiB.toFixed(0),
];

const rate = (window: Window | undefined): number =>
  window === undefined ? 0 : window.cycles / window.seconds;
