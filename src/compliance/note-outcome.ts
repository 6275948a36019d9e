import { afterApproval } from "./approved-share.ts";
import type { GuardMemory } from "./guard-memory.ts";
import type { AbuseRules } from "./rules.ts";

/** How a typed code was judged, as far as rules count it. */
export interface CheckedCode {
  readonly kind: "approved" | "wrong";
  readonly number: string;
  readonly prefix: string;
  /** The number had typed in a code before this one. */
  readonly known: boolean;
  /** The address that asked for the code. */
  readonly address: string | null;
}

/** What a typed code teaches: approved ones speak for a prefix, wrong ones against an address. */
export function noteOutcome(
  memory: GuardMemory,
  code: CheckedCode,
  rules: AbuseRules,
  now: number,
): void {
  const { number, prefix, address } = code;
  const wrong = code.kind === "wrong";
  memory.noteCheck(wrong, now);
  if (wrong) {
    if (address) memory.add(`wrong:${address}`, { at: now, number, line: null, approved: false });
    return;
  }
  // Old customers say nothing of strangers: an attack among them would hide behind their codes.
  if (code.known) memory.remove(`prefix:${prefix}`, number);
  else memory.approve(`prefix:${prefix}`, number);
  const attack = memory.attack(prefix, now);
  if (!attack) return;
  const next = afterApproval(attack, number, rules.approved_share);
  if (next !== attack) memory.setAttack(prefix, next);
  // The old texts would bring it back at once.
  if (!next) memory.clear(`prefix:${prefix}`);
}
