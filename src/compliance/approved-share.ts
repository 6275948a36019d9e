import { z } from "zod";
import { SECOND } from "../lib/time.ts";
import { limit, type Sent, windowSeconds, within } from "./sends.ts";
import type { Verdict } from "./verdict.ts";

/** Codes that nobody types in are paid for by the one who owns the numbers' line. */
export const approvedShareNumbers = z.strictObject({
  texts: limit,
  least_percent: z.int().min(1).max(100),
  window_seconds: windowSeconds,
  block_seconds: z.int().min(10).max(86_400),
  /** A number that solved a challenge is tried so often meanwhile. */
  probe_seconds: z.int().min(1).max(3_600),
  /** So many tried ones approved end it early. */
  probes: z.int().min(1).max(100),
});

export const approvedShareDefaults: z.infer<typeof approvedShareNumbers> = {
  texts: 25,
  least_percent: 10,
  window_seconds: 600,
  block_seconds: 1_800,
  probe_seconds: 60,
  probes: 3,
};

type Numbers = z.infer<typeof approvedShareNumbers>;

/** Texts to one prefix are stopped. Times in milliseconds. */
export interface Attack {
  readonly since: number;
  readonly until: number;
  readonly texts: number;
  readonly approved: number;
  readonly nextProbeAt: number;
  /** Numbers that were let through to see. */
  readonly probes: readonly string[];
  readonly probesApproved: number;
}

/** The attack that shows in the texts of a prefix, or null. */
export function findAttack(texts: readonly Sent[], numbers: Numbers, now: number): Attack | null {
  const recent = within(texts, numbers.window_seconds * SECOND, now);
  const approved = recent.filter((sent) => sent.approved).length;
  if (recent.length < numbers.texts) return null;
  if (approved * 100 >= recent.length * numbers.least_percent) return null;
  return {
    since: now,
    until: now + numbers.block_seconds * SECOND,
    texts: recent.length,
    approved,
    nextProbeAt: now + numbers.probe_seconds * SECOND,
    probes: [],
    probesApproved: 0,
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
): Attack => ({
  ...attack,
  nextProbeAt: now + numbers.probe_seconds * SECOND,
  probes: [...attack.probes, number],
});

/** The attack after a code was approved: null when enough probes were. */
export function afterApproval(attack: Attack, number: string, numbers: Numbers): Attack | null {
  if (!attack.probes.includes(number)) return attack;
  const probesApproved = attack.probesApproved + 1;
  if (probesApproved >= numbers.probes) return null;
  return { ...attack, probes: attack.probes.filter((one) => one !== number), probesApproved };
}
