import type { OpenTimes } from "../compliance/quiet-hours.ts";
import { stateOfAreaCode } from "../contacts/area-states.ts";
import type { Keys } from "../lib/keys.ts";
import { mapInLanes } from "../lib/lanes.ts";
import { SECOND } from "../lib/time.ts";
import { type Admission, LEAVE_GOOD_FOR, type TextRequest } from "../phone/texts.ts";
import { numberKey } from "../routing/route-context.ts";
import {
  type Addressed,
  isAddressed,
  orWait,
  type Settled,
  TROUBLE_AGAIN_MS,
  type TroubleDeps,
} from "./addressed.ts";
import { holdQuiet, type PolicyOf, refuseText, textRequest } from "./leave.ts";
import { wait } from "./settle.ts";

/** Numbers are asked for one batch within so long: then it goes with what is ready, while it may. */
const ASKING_MS = 1.5 * SECOND;
/** A call begins so long before a leave ends, that its text be out by then. */
const ON_THE_WIRE_MS = 0.5 * SECOND;
/** A hundred sleeping numbers woken at once would keep a code waiting; an offer has time. */
const NUMBERS_AT_ONCE = { notification: 48, marketing: 6 } as const;

export interface NumberGate {
  admit(text: TextRequest): Promise<Admission>;
  release(message: string): Promise<void>;
}

export interface AskDeps extends TroubleDeps {
  readonly keys: Keys;
  readonly number: (objectName: string) => NumberGate;
  /** Returns once it is sure that numbers, by their objects' names, will forget their texts. */
  readonly forgetLater: (numbers: readonly string[]) => Promise<void>;
  /** The policies of this moment. */
  readonly policies: () => Promise<PolicyOf>;
  readonly openTimes: OpenTimes;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Waits while somebody is in haste. */
  readonly giveWay: () => Promise<void>;
}

/** Asks numbers for leave. Letters that are left out stay as they are: too late, or overtaken. */
export async function askNumbers(
  deps: AskDeps,
  letters: readonly Addressed[],
  isOvertaken: () => boolean,
): Promise<readonly (Addressed | Settled)[]> {
  const category = letters[0]?.letter.row.category ?? "marketing";
  let askUntil = Number.POSITIVE_INFINITY;
  const askOne = async (one: Addressed) => {
    if (category === "marketing") await deps.giveWay();
    const at = deps.clock.now();
    if (isOvertaken() || at >= askUntil) return null;
    askUntil = Math.min(askUntil, at + ASKING_MS);
    return orWait(deps, one.letter.row, "admission-failed", () => admit(deps, one));
  };
  // Of two texts to one number the earlier is asked for first: an equal one gives way to it.
  const asking = new Map<string, Promise<unknown>>();
  const lane = (one: Addressed) => {
    const answer = (asking.get(one.letter.to) ?? Promise.resolve()).then(() => askOne(one));
    asking.set(one.letter.to, answer);
    return answer;
  };
  const asked = await mapInLanes(letters, NUMBERS_AT_ONCE[category], lane);
  return seeToForgetting(
    deps,
    asked.filter((one) => one !== null),
  );
}

/** Asks the number whether the text may leave: it alone knows what else it got. */
async function admit(deps: AskDeps, addressed: Addressed): Promise<Addressed | Settled> {
  const { row, submission, to } = addressed.letter;
  const policy = (await deps.policies())(row);
  const fingerprint = deps.keys.mac("text", submission.text);
  // Before it is asked: its leave must not seem to last longer than it does.
  const now = deps.clock.now();
  const goodUntil = now + LEAVE_GOOD_FOR - ON_THE_WIRE_MS;
  // Others were asked before it: quiet hours may have come near meanwhile.
  const held = holdQuiet(row, policy, { ...deps, now, region: () => stateOfAreaCode(to) });
  if (held) return { settled: held };
  const number = numberKey(deps.keys, to);
  const admission = await deps.number(number).admit(textRequest(row, fingerprint, policy));
  if (!admission.admitted) return { settled: refuseText(row, admission.reason) };
  return { ...addressed, goodUntil, firstOf: admission.isFirst ? number : null };
}

/** Before a number's first text leaves it is sure to be forgotten again; if not, the text waits. */
async function seeToForgetting(
  deps: AskDeps,
  asked: readonly (Addressed | Settled)[],
): Promise<readonly (Addressed | Settled)[]> {
  const numbers = asked.flatMap((one) => (isAddressed(one) && one.firstOf) || []);
  if (numbers.length === 0) return asked;
  try {
    await deps.forgetLater(numbers);
    return asked;
  } catch (error) {
    deps.logError("forgetting-not-arranged", error);
    const again = deps.clock.now() + TROUBLE_AGAIN_MS;
    return asked.map((one) =>
      isAddressed(one) && one.firstOf ? { settled: wait(one.letter.row, again, null) } : one,
    );
  }
}
