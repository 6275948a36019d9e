import type { CampaignMeasure } from "./campaign.ts";
import type { Codes, CodesFindings } from "./campaign-codes.ts";
import { median, percent, percentile, printTable, verdict } from "./figures.ts";

const RATE_GOAL = 0.7;
/** Linear: ten times the recipients at about the same rate. */
const GROWTH_GOAL = 0.8;
/** Flat: ten times the recipients in about the same memory. */
const MEMORY_GOAL = 1.5;
const CODES_GOAL = 1.5;

const SIDES = ["campaign", "object calls", "bare pipeline"] as const;
type Side = (typeof SIDES)[number];

const HEADINGS = ["recipients", "side", "runs", "recipients/s", "CPU ms each", "RSS MiB"];

/** Prints what was measured; false when a carrier took a text twice. */
export function reportCampaigns({
  measures,
  disks,
}: {
  readonly measures: readonly CampaignMeasure[];
  readonly disks: readonly string[];
}): boolean {
  const sizes = [...new Set(measures.map(({ recipients }) => recipients))];
  const of = (size: number, side: Side) =>
    measures.filter((one) => one.recipients === size && one.side === side);
  const rate = (size: number, side: Side) =>
    median(of(size, side).map(({ seconds }) => size / seconds));
  const memory = (size: number, side: Side) => median(of(size, side).map(({ rssMiB }) => rssMiB));

  console.log(`Disk: ${disks.join("; ")}`);
  console.log(
    "Median of the runs, the sides in turn, over numbers that are new to all; a campaign's people are" +
      "\nimported before, and its rate is from the approval until all are handed over. CPU and memory are" +
      "\nof a side's workerd, its own simulator included, to the last receipt. Object calls: one with one" +
      "\nwrite for each recipient and nothing else; the bare pipeline sends the same number of texts.\n",
  );
  const rows = sizes.flatMap((size) => SIDES.map((side) => describe(of(size, side))));
  printTable([HEADINGS, ...rows], [1]);

  console.log("\nCampaign to bare, recipients/s:");
  for (const size of sizes) {
    const ratio = rate(size, "campaign") / rate(size, "object calls");
    const toPipeline = rate(size, "campaign") / rate(size, "bare pipeline");
    console.log(
      `  ${String(size).padStart(6)}  object calls ${percent(ratio)}  goal ${percent(RATE_GOAL)}` +
        `  ${verdict(ratio >= RATE_GOAL)}; pipeline ${percent(toPipeline)}`,
    );
  }
  const [least = 0, ...larger] = sizes;
  for (const size of larger) {
    const growth = (side: Side) => rate(size, side) / rate(least, side);
    const more = (side: Side) => memory(size, side) / memory(least, side);
    console.log(
      `Rate at ${size} to that at ${least}: ${percent(growth("campaign"))}` +
        ` (object calls ${percent(growth("object calls"))})  goal ${percent(GROWTH_GOAL)}` +
        `  ${verdict(growth("campaign") >= GROWTH_GOAL)}`,
    );
    console.log(
      `Memory at ${size} to that at ${least}: times ${more("campaign").toFixed(2)}` +
        ` (bare ${more("bare pipeline").toFixed(2)})  goal ${MEMORY_GOAL}` +
        `  ${verdict(more("campaign") <= MEMORY_GOAL)}`,
    );
  }
  const duplicates = measures.reduce((sum, one) => sum + one.duplicates, 0);
  console.log(
    `Texts that a carrier took twice: ${duplicates}  ${duplicates === 0 ? "ok" : "FAILED"}`,
  );
  const unknown = measures.reduce((sum, one) => sum + one.unknown, 0);
  console.log(`Texts of which nobody knows whether they left: ${unknown}`);
  return duplicates === 0;
}

/** Prints how long codes take alone and beside campaigns; false when one failed. */
export function reportCodes(found: CodesFindings): boolean {
  const { warmUp, quiet, throttled, unthrottled, throttlePerSecond } = found;
  const p95 = (codes: Codes) => percentile(codes.sends, 0.95);
  const times = (codes: Codes) => p95(codes) / p95(quiet);
  const line = (title: string, codes: Codes, more = "") =>
    console.log(
      `  ${title.padEnd(26)}  ${String(codes.sends.length).padStart(5)} codes` +
        `  p50 ${percentile(codes.sends, 0.5).toFixed(1)}  p95 ${p95(codes).toFixed(1)}${more}`,
    );
  console.log("\nCodes to returning numbers, one after the other, POST to 201 in ms:");
  line("alone", quiet);
  line(
    `beside ${throttlePerSecond}/s (got ${throttled.perSecond.toFixed(0)}/s)`,
    throttled,
    `, times ${times(throttled).toFixed(2)}  goal ${CODES_GOAL}` +
      `  ${verdict(times(throttled) <= CODES_GOAL)}`,
  );
  line(
    `no throttle (got ${unthrottled.perSecond.toFixed(0)}/s)`,
    unthrottled,
    `, times ${times(unthrottled).toFixed(2)}`,
  );
  const failures = [warmUp, quiet, throttled, unthrottled].flatMap((codes) => codes.failures);
  console.log(
    `Codes that failed: ${failures.length}  ${failures.length === 0 ? "ok" : `FAILED: ${failures[0]}`}`,
  );
  return failures.length === 0;
}

const describe = (measures: readonly CampaignMeasure[]): string[] => {
  const size = measures[0]?.recipients ?? 0;
  const figure = (value: (one: CampaignMeasure) => number, digits = 0) =>
    median(measures.map(value)).toFixed(digits);
  return [
    String(size),
    measures[0]?.side ?? "",
    String(measures.length),
    figure(({ seconds }) => size / seconds),
    figure((one) => one.cpuMs / size, 2),
    figure(({ rssMiB }) => rssMiB),
  ];
};
