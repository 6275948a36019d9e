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
  /** The network of that address, where the storefront named it. */
  readonly network: string | null;
}

/** What a typed code teaches: approved ones speak for a prefix, wrong ones against an address. */
export function noteOutcome(
  memory: GuardMemory,
  code: CheckedCode,
  rules: AbuseRules,
  now: number,
): void {
  const { number, prefix, address, network } = code;
  const wrong = code.kind === "wrong";
  memory.noteCheck(wrong, now);
  if (wrong) {
    const wrongOne = { at: now, number, line: null, approved: false };
    if (address) memory.add(`wrong:${address}`, wrongOne);
    if (network) memory.add(`wrong-of-network:${network}`, wrongOne);
    return;
  }
  // Old customers say nothing of strangers: an attack among them would hide behind their codes.
  if (!code.known) {
    if (memory.approve(`prefix:${prefix}`, number)) memory.hours.add(prefix, { approved: 1 }, now);
  } else if (memory.remove(`prefix:${prefix}`, number)) {
    memory.hours.add(prefix, { texts: -1 }, now);
  }
  const attack = memory.attack(prefix, now);
  if (!attack) return;
  const next = afterApproval(attack, number, rules.approved_share, now);
  if (next !== attack) memory.setAttack(prefix, next);
  // The old texts would bring it back at once.
  if (next) return;
  memory.clear(`prefix:${prefix}`);
  memory.hours.clear(prefix);
}

/** A receipt that speaks of the number: whether it took the text. */
export function noteReceipt(
  memory: GuardMemory,
  { prefix, taken }: { readonly prefix: string; readonly taken: boolean },
  now: number,
): void {
  memory.add(`receipt:${prefix}`, { at: now, number: "", line: null, approved: taken });
}
