import { z } from "zod";
import { DAY, HOUR, MINUTE, SECOND } from "../lib/time.ts";
import { type HourCount, hourOf } from "./hour-counts.ts";
import { limit, type Sent, windowSeconds, within } from "./sends.ts";
import type { Verdict } from "./verdict.ts";

/** Codes that nobody types in are paid for by the one who owns the numbers' line. */
export const approvedShareNumbers = z.strictObject({
  texts: limit,
  least_percent: z.int().min(1).max(100),
  window_seconds: windowSeconds,
  block_seconds: z.int().min(10).max(86_400),
  /** Over a week: as many texts, and fewer approved than this, take challenges. */
  week_texts: limit,
  week_least_percent: z.int().min(1).max(100),
  /** Over a day: as many texts, and fewer approved than this, block the prefix for a day. */
  day_block_texts: limit,
  day_block_percent: z.int().min(1).max(100),
  /** After so long a number that solved a challenge is tried; the next one waits six times as long. */
  probe_seconds: z.int().min(1).max(3_600),
  /** So many tried ones approved end it early. */
  probes: z.int().min(1).max(100),
});

export const approvedShareDefaults: z.infer<typeof approvedShareNumbers> = {
  texts: 25,
  least_percent: 10,
  window_seconds: 600,
  block_seconds: 1_800,
  week_texts: 15,
  week_least_percent: 15,
  day_block_texts: 20,
  day_block_percent: 5,
  probe_seconds: 60,
  probes: 3,
};

type Numbers = z.infer<typeof approvedShareNumbers>;

/** A probe whose code nobody types in makes the wait for the next one so many times as long. */
const PATIENCE = 6;

/** Texts to one prefix are stopped. Times in milliseconds. */
export interface Attack {
  readonly since: number;
  readonly until: number;
  readonly texts: number;
  readonly approved: number;
  readonly nextProbeAt: number;
  /** How long after a probe the next one waits; absent in old ones. */
  readonly probeAfter?: number;
  /** Numbers that were let through to see. */
  readonly probes: readonly string[];
  readonly probesApproved: number;
}

export interface ShareFacts {
  /** Those of the last hour that went to the prefix. */
  readonly texts: readonly Sent[];
  /** Without those that may still be typed in. */
  readonly lastDay: HourCount;
}

/** Most codes that are typed in at all are so within this. */
const TYPED_WITHIN = 2 * MINUTE;

/** What was counted, less the texts whose codes may still be on their way. */
export function settled(counted: HourCount, texts: readonly Sent[], now: number): HourCount {
  const open = within(texts, TYPED_WITHIN, now).filter((sent) => !sent.approved).length;
  return { ...counted, texts: Math.max(0, counted.texts - open) };
}

const isBelow = ({ texts, approved }: HourCount, least: number, percent: number): boolean =>
  texts >= least && approved * 100 < texts * percent;

/** The attack that shows in the texts of a prefix, at once or over a day, or null. */
export function findAttack(
  { texts, lastDay }: ShareFacts,
  numbers: Numbers,
  now: number,
): Attack | null {
  const recent = within(texts, numbers.window_seconds * SECOND, now);
  const window = { texts: recent.length, approved: recent.filter((one) => one.approved).length };
  const isSlow = isBelow(lastDay, numbers.day_block_texts, numbers.day_block_percent);
  if (!isSlow && !isBelow(window, numbers.texts, numbers.least_percent)) return null;
  return {
    since: now,
    until: now + (isSlow ? DAY : numbers.block_seconds * SECOND),
    ...(isSlow ? lastDay : window),
    nextProbeAt: now + numbers.probe_seconds * SECOND,
    probes: [],
    probesApproved: 0,
  };
}

/** While no attack is on: too few of a week's codes were used, without those that may still be. */
export function shareVerdict(lastWeek: HourCount, numbers: Numbers, now: number): Verdict | null {
  if (!isBelow(lastWeek, numbers.week_texts, numbers.week_least_percent)) return null;
  return {
    demand: "challenge",
    until: hourOf(now) + HOUR,
    en: `Of ${lastWeek.texts} codes to this prefix within a week ${lastWeek.approved} were used.`,
    zh: `一周内该号段 ${lastWeek.texts} 条验证码中仅 ${lastWeek.approved} 条被使用。`,
  };
}

/** `proved`: a challenge was solved, so that the send may be the next probe. */
export function attackVerdict(attack: Attack, proved: boolean, now: number): Verdict | null {
  if (proved && now >= attack.nextProbeAt) return null;
  return {
    demand: "block",
    until: attack.until,
    en: `Of ${attack.texts} codes to this prefix ${attack.approved} were used: it takes none for now.`,
    zh: `该号段 ${attack.texts} 条验证码中仅 ${attack.approved} 条被使用，暂停发送。`,
  };
}

export const withProbe = (
  attack: Attack,
  number: string,
  numbers: Numbers,
  now: number,
): Attack => {
  const probeAfter = PATIENCE * (attack.probeAfter ?? numbers.probe_seconds * SECOND);
  return {
    ...attack,
    nextProbeAt: now + probeAfter,
    probeAfter,
    probes: [...attack.probes, number],
  };
};

/** The attack after a code was approved: null when enough probes were, else the next may come soon. */
export function afterApproval(
  attack: Attack,
  number: string,
  numbers: Numbers,
  now: number,
): Attack | null {
  if (!attack.probes.includes(number)) return attack;
  const probesApproved = attack.probesApproved + 1;
  if (probesApproved >= numbers.probes) return null;
  const probeAfter = numbers.probe_seconds * SECOND;
  return {
    ...attack,
    nextProbeAt: Math.min(attack.nextProbeAt, now + probeAfter),
    probeAfter,
    probes: attack.probes.filter((one) => one !== number),
    probesApproved,
  };
}
