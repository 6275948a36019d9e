import type { Policy } from "../compliance/policies.ts";
import { hoursIn, type OpenTimes } from "../compliance/quiet-hours.ts";
import { rfc3339, SECOND } from "../lib/time.ts";
import type { TraceStep } from "../messages/message.ts";
import { type Settlement, URGENCY, type WaitingMessage } from "../messages/queued.ts";
import { LEAVE_GOOD_FOR, type TextFault, type TextRequest } from "../phone/texts.ts";
import { end, wait } from "./settle.ts";

/** The policy that a row goes by. */
export type PolicyOf = (row: Pick<WaitingMessage, "storefront" | "category" | "country">) => Policy;

/** Texts that were held together leave over so long, and not in one moment. */
const SPREAD_MS = 45 * SECOND;
/** The `reason` of a message that waits for the end of quiet hours. */
const QUIET = "quiet-hours";

const step = (verdict: string, en: string, zh: string): TraceStep => ({
  step: "compliance",
  verdict,
  en,
  zh,
});

const FAULTS: Readonly<Record<TextFault, TraceStep>> = {
  "opted-out": step("opted-out", "The person has opted out.", "用户已退订。"),
  "no-consent": step(
    "no-consent",
    "There is no record that the person agreed to such texts.",
    "没有该用户同意接收此类短信的记录。",
  ),
  "cap-exceeded": step(
    "cap-exceeded",
    "The number got as many texts of this kind as its cap allows.",
    "该号码接收的此类短信已达上限。",
  ),
  "same-content": step(
    "same-content",
    "The number got the same text a moment ago.",
    "该号码刚收到过相同内容的短信。",
  ),
};

/** What the trace says of a text that was let go. */
export const LET_GO: TraceStep = step(
  "passed",
  "Not opted out, consent as the policy asks, within its caps, outside quiet hours.",
  "未退订，符合同意要求，未超频控，不在免打扰时段。",
);

/** Where a row stands that has to wait for its recipient's morning; null when it may leave now. */
export function holdQuiet(
  row: WaitingMessage,
  { quiet: policy }: Pick<Policy, "quiet">,
  deps: {
    readonly openTimes: OpenTimes;
    readonly random: () => number;
    readonly now: number;
    /** The part of the country that its number belongs to, where some have hours of their own. */
    readonly region: () => string | null;
  },
): Settlement | null {
  if (row.urgency === URGENCY.urgent) return null;
  const quiet = hoursIn(policy, policy.regions ? deps.region() : null);
  const { now, openTimes } = deps;
  // Its number's leave lasts a while: quiet hours may not begin meanwhile.
  const last = now + LEAVE_GOOD_FOR;
  const first = openTimes.next(quiet, row.zones, now);
  const open = first === now ? openTimes.next(quiet, row.zones, last) : first;
  if (first === now && open === last) return null;
  const zones = row.zones.length > 3 ? `${row.zones.length} zones` : row.zones.join(", ");
  if (open === null || (row.expiresAt !== null && open >= row.expiresAt)) {
    return end(
      row,
      "suppressed",
      QUIET,
      step(
        QUIET,
        `Its time is over before quiet hours end (${zones}).`,
        `免打扰时段结束前已过有效期（${zones}）。`,
      ),
    );
  }
  // Whose time is over soon after leaves while it is of use.
  const spread = Math.min(SPREAD_MS, ((row.expiresAt ?? Number.POSITIVE_INFINITY) - open) / 2);
  const until = open + deps.random() * spread;
  const at = rfc3339(open);
  const held = wait(
    row,
    Math.floor(until),
    row.reason === QUIET && row.dueAt >= open
      ? null
      : step(
          "held",
          `Quiet hours from ${quiet.from} to ${quiet.to} (${zones}): held until ${at}.`,
          `免打扰时段 ${quiet.from}–${quiet.to}（${zones}）：推迟至 ${at} 发送。`,
        ),
  );
  return { ...held, reason: QUIET };
}

/** What the number's object is asked with. */
export const textRequest = (
  row: Pick<WaitingMessage, "id" | "storefront" | "category" | "campaign" | "run">,
  fingerprint: string,
  policy: Policy,
): TextRequest => ({
  message: row.id,
  storefront: row.storefront,
  category: row.category,
  fingerprint,
  sameContentMs: policy.same_content_seconds * SECOND,
  needsConsent: policy.consent === "required",
  once: row.campaign && `${row.campaign} ${row.run}`,
  perDay: policy.caps.per_day,
  perWeek: policy.caps.per_week,
});

/** A row that its number does not let go ends here. */
export const refuseText = (row: WaitingMessage, fault: TextFault): Settlement =>
  end(row, "suppressed", fault, FAULTS[fault]);
