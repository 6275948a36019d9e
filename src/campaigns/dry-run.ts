import type { Policy } from "../compliance/policies.ts";
import { hoursIn, OpenTimes } from "../compliance/quiet-hours.ts";
import { stateOfAreaCode } from "../contacts/area-states.ts";
import type { AcceptDeps } from "../dispatch/accept-messages.ts";
import { addDecimal, type Money } from "../lib/money.ts";
import { CODE_LENGTH } from "../links/code.ts";
import { sealedIn } from "../messages/message.ts";
import type { NewMessage } from "../messages/queued.ts";
import { type Permissions, permissionFault } from "../phone/permissions.ts";
import type { TextFault } from "../phone/texts.ts";
import type { Price } from "../providers/provider.ts";
import { Budget } from "./budget.ts";
import type { Audience, Campaign } from "./campaign.ts";
import { firstRunAt } from "./schedule.ts";
import { type SendDeps, type Sent, sendMembers } from "./send-members.ts";
import { Slots } from "./slots.ts";
import { split } from "./split.ts";

export interface DryRunDeps extends SendDeps {
  readonly audience: Audience;
  readonly policyOf: (row: Pick<NewMessage, "storefront" | "category" | "country">) => Policy;
  /** What is on record of numbers, by their blind indexes. */
  readonly standingOf: (
    storefront: string,
    numbers: readonly string[],
  ) => Promise<ReadonlyMap<string, Permissions>>;
  /** What the number itself says of a text. */
  readonly judge: (row: NewMessage, policy: Policy) => Promise<TextFault | null>;
  readonly costOf: (row: NewMessage) => Price | null;
  readonly now: number;
}

/** What a campaign would come to at this moment. */
export interface DryRun {
  /** The whole audience. */
  readonly count: number;
  readonly holdout: number;
  readonly byVariant: Readonly<Record<string, number>>;
  readonly segments: number;
  readonly cost: readonly Money[];
  /** Texts whose price nobody knows. */
  readonly unknownPrices: number;
  /** By reason: who would get nothing, or not at once. */
  readonly holds: Readonly<Record<string, number>>;
  /** People who were looked at; of a larger audience the numbers above are those of its first. */
  readonly looked: number;
  /** Whether numbers were asked for their caps: only where they are few. */
  readonly capsAsked: boolean;
}

const PAGE = 500;
const MOST_LOOKED = 20_000;
/** Each number that is asked wakes an object. */
const MOST_ASKED = 1_000;
/** As long as a link's own would be. */
const ANY_CODE = "0".repeat(CODE_LENGTH);
const NOBODY: Permissions = { suppressed: {}, consented: {} };

/** Counts what would be sent, by the way in which it is sent, and keeps nothing. */
export async function dryRun(deps: DryRunDeps, campaign: Campaign): Promise<DryRun> {
  const { audience, storefront } = deps;
  const { definition, id } = campaign;
  const count = await audience.count(storefront.id, definition.segment);
  const capsAsked = count <= MOST_ASKED;
  const at = firstRunAt(definition.schedule, storefront.timezone, deps.now) ?? deps.now;
  const facts = {
    slots: new Slots([], definition.throttlePerSecond),
    budget: new Budget(definition.budget, "0"),
    now: at,
  };
  const accepting: AcceptDeps = {
    ...deps.accepting,
    store: async () => new Map<string, string>(),
    shorten: async ({ domain }, links) =>
      links.map(() => ({ code: ANY_CODE, url: `https://${domain}/l/${ANY_CODE}` })),
    wake: async () => {},
    wakeAt: async () => {},
  };
  const sums = new Sums();
  const openTimes = new OpenTimes();
  let after = "";
  let looked = 0;
  while (looked < MOST_LOOKED) {
    const page = await audience.page(storefront.id, definition.segment, after, PAGE);
    const last = page.at(-1);
    if (!last) break;
    after = last.id;
    looked += page.length;
    const people = page.flatMap((member) => {
      const variant = split(definition, id, member.id);
      if (!variant) sums.holdout++;
      return variant ? { contact: member.id, variant: variant.name, member } : [];
    });
    const sent = await sendMembers({ ...deps, accepting }, campaign, at, people, facts);
    const rows = sent.flatMap(({ row }) => row ?? []);
    const standing = await deps.standingOf(
      storefront.id,
      rows.map((row) => row.toIndex),
    );
    for (const one of sent) {
      const { row } = one;
      const hold = row ? await holdOf(deps, row, { standing, openTimes, capsAsked }) : one.reason;
      sums.add(one, hold, row && deps.costOf(row));
    }
  }
  return { count, looked, capsAsked, ...sums.told() };
}

async function holdOf(
  deps: DryRunDeps,
  row: NewMessage,
  facts: {
    readonly standing: ReadonlyMap<string, Permissions>;
    readonly openTimes: OpenTimes;
    readonly capsAsked: boolean;
  },
): Promise<string | null> {
  if (row.reason !== null) return row.reason;
  if (row.dueAt >= row.expiresAt) return "expired";
  const policy = deps.policyOf(row);
  const permissions = facts.standing.get(row.toIndex) ?? NOBODY;
  const needsConsent = policy.consent === "required";
  const fault = permissionFault(permissions, { category: row.category, needsConsent });
  const refused = fault ?? (facts.capsAsked ? await deps.judge(row, policy) : null);
  if (refused) return refused;
  const region = () =>
    stateOfAreaCode(deps.accepting.keys.unseal(row.toSealed, sealedIn("to", row.id)));
  const quiet = hoursIn(policy.quiet, policy.quiet.regions ? region() : null);
  const open = facts.openTimes.next(quiet, row.zones, row.dueAt);
  return open === row.dueAt ? null : "quiet-hours";
}

/** Reasons with which a text still leaves, only later. */
const LATER: ReadonlySet<string> = new Set(["quiet-hours", "content-review"]);

class Sums {
  holdout = 0;
  #segments = 0;
  #unknown = 0;
  readonly #variants: Record<string, number> = {};
  readonly #holds: Record<string, number> = {};
  readonly #cost = new Map<string, string>();

  add({ row }: Sent, hold: string | null, cost: Price | null): void {
    if (hold) this.#holds[hold] = (this.#holds[hold] ?? 0) + 1;
    if (!row || (hold && !LATER.has(hold))) return;
    const { variant, segments } = row;
    if (variant) this.#variants[variant] = (this.#variants[variant] ?? 0) + 1;
    this.#segments += segments;
    if (!cost) this.#unknown++;
    else
      this.#cost.set(cost.currency, addDecimal(this.#cost.get(cost.currency) ?? "0", cost.amount));
  }

  told() {
    return {
      holdout: this.holdout,
      byVariant: this.#variants,
      segments: this.#segments,
      cost: [...this.#cost].map(([currency, amount]) => ({ currency, amount })),
      unknownPrices: this.#unknown,
      holds: this.#holds,
    };
  }
}
