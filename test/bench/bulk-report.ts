import type { BacklogFindings, Latencies } from "./backlog.ts";
import type { Run } from "./bulk.ts";
import type { Counted } from "./counting.ts";
import { median, percent, percentile, printTable, verdict } from "./figures.ts";

const RATE_GOAL = 0.6;
/** Linear: ten times the messages at about the same rate. */
const GROWTH_GOAL = 0.8;
const STATEMENTS_GOAL = 0.05;
const BACKLOG_GOAL = 1.5;

const SIDES = ["product", "bare"] as const;
const PHASES = { handedOver: "handed over", delivered: "delivered" } as const;
type Phase = keyof typeof PHASES;

const HEADINGS = [
  ...["messages", "side", "runs", "accepted/s", "handed over/s", "delivered/s"],
  ...["CPU ms/message", "RSS MiB"],
];

/** Prints what was measured; false when a carrier took a text twice. */
export function reportRuns({
  runs,
  disks,
}: {
  readonly runs: readonly Run[];
  readonly disks: readonly string[];
}): boolean {
  const sizes = [...new Set(runs.map((run) => run.messages))];
  const of = (messages: number, side: Run["side"]) =>
    runs.filter((run) => run.messages === messages && run.side === side);
  const rate = (messages: number, side: Run["side"], phase: Phase) =>
    median(of(messages, side).map((run) => messages / run[phase]));

  console.log(`Disk: ${disks.join("; ")}`);
  console.log(
    "Median of the runs, product and bare in turn, over numbers that had a text before; all rates are" +
      "\nfrom the first request on. CPU and memory are of a side's workerd, its own simulator included." +
      "\nBare: a queue, one object call with one write a message, one bulk write for each 100, and one" +
      "\nmore for their receipts.\n",
  );
  const rows = sizes.flatMap((size) => SIDES.map((side) => describe(of(size, side))));
  printTable([HEADINGS, ...rows], [1]);

  console.log("\nProduct to bare, messages/s:");
  for (const size of sizes) {
    for (const phase of ["handedOver", "delivered"] as const) {
      const ratio = rate(size, "product", phase) / rate(size, "bare", phase);
      console.log(
        `  ${String(size).padStart(6)} ${PHASES[phase].padEnd(11)}  ${percent(ratio)}` +
          `  goal ${percent(RATE_GOAL)}  ${verdict(ratio >= RATE_GOAL)}`,
      );
    }
  }
  const [least = 0, ...larger] = sizes;
  for (const size of larger) {
    const growth = (side: Run["side"]) =>
      rate(size, side, "handedOver") / rate(least, side, "handedOver");
    console.log(
      `Rate at ${size} to that at ${least}: ${percent(growth("product"))}` +
        ` (bare ${percent(growth("bare"))})  goal ${percent(GROWTH_GOAL)}` +
        `  ${verdict(growth("product") >= GROWTH_GOAL)}`,
    );
  }
  const duplicates = runs.reduce((sum, run) => sum + run.duplicates, 0);
  console.log(
    `Texts that a carrier took twice: ${duplicates}  ${duplicates === 0 ? "ok" : "FAILED"}`,
  );
  return duplicates === 0;
}

/** Prints what one message costs its databases. */
export function reportCounts({ messages, statements, commits, idleStatements }: Counted): void {
  const each = statements / messages;
  console.log(
    `\nWrites up to the hand-over, of ${messages} messages to warmed numbers on the same bundle, whose` +
      "\ndatabase bindings an entry around it counts; commits from the objects' write-ahead logs." +
      `\nD1 statements: ${each.toFixed(3)} a message, goal ${STATEMENTS_GOAL}  ${verdict(each <= STATEMENTS_GOAL)}` +
      ` (bare 0.010; idle, the sweeper makes ${idleStatements} a minute)`,
  );
  const byClass = [...commits].filter(([, count]) => count > 0);
  const sum = byClass.reduce((total, [, count]) => total + count, 0);
  console.log(
    `Object commits: ${(sum / messages).toFixed(3)} a message (bare 1.000):` +
      ` ${byClass.map(([name, count]) => `${name} ${count}`).join(", ")}`,
  );
}

/** Prints how long texts take alone and behind a backlog. */
export function reportBacklog({ rows, quiet, behind }: BacklogFindings): void {
  console.log(`\nBeside ${rows} rows of marketing that wait in the same queue, in ms:`);
  const kinds: readonly (readonly [keyof Latencies, string])[] = [
    ["notifications", "notification, POST to handset"],
    ["codes", "code, POST to 201"],
  ];
  for (const [kind, title] of kinds) {
    const [before, after] = [percentile(quiet[kind], 0.95), percentile(behind[kind], 0.95)];
    console.log(
      `  ${title.padEnd(29)}  p50 ${middle(quiet[kind])} → ${middle(behind[kind])}` +
        `  p95 ${before.toFixed(1)} → ${after.toFixed(1)}, times ${(after / before).toFixed(2)}` +
        `  goal ${BACKLOG_GOAL}  ${verdict(after <= before * BACKLOG_GOAL)}`,
    );
  }
}

const middle = (values: readonly number[]): string => percentile(values, 0.5).toFixed(1);

const describe = (runs: readonly Run[]): string[] => {
  const messages = runs[0]?.messages ?? 0;
  const figure = (value: (run: Run) => number, digits = 0) =>
    median(runs.map(value)).toFixed(digits);
  return [
    String(messages),
    runs[0]?.side ?? "",
    String(runs.length),
    figure((run) => messages / run.accepted),
    figure((run) => messages / run.handedOver),
    figure((run) => messages / run.delivered),
    figure((run) => run.cpuMs / messages, 2),
    figure((run) => run.rssMiB),
  ];
};
