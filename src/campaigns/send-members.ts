import { sealedIn } from "../contacts/store.ts";
import { zoneOf } from "../contacts/zone.ts";
import { type AcceptDeps, acceptMessages, type Recipient } from "../dispatch/accept-messages.ts";
import type { Keys } from "../lib/keys.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { mapInSlices } from "../lib/slices.ts";
import type { NewMessage } from "../messages/queued.ts";
import { isTimezone, type Storefront } from "../storefronts/storefront.ts";
import type { Template } from "../templates/template.ts";
import { textsOf } from "./approval.ts";
import { type Budget, EXHAUSTED } from "./budget.ts";
import {
  type Campaign,
  type CampaignVariant,
  endOf,
  type Member,
  type RecipientReason,
} from "./campaign.ts";
import type { Planned, Recorded } from "./ledger.ts";
import { atLocalTime } from "./schedule.ts";
import type { Slots } from "./slots.ts";
import { valuesFor, valuesOfOffer } from "./values.ts";

export interface SendDeps {
  readonly keys: Pick<Keys, "unseal">;
  readonly accepting: AcceptDeps;
  readonly templates: readonly Template[];
  readonly storefront: Storefront;
}

/** What became of somebody, with the message as it was accepted. */
export type Sent = Recorded & { readonly row: NewMessage | null };

interface Address {
  readonly e164: string;
  readonly country: string;
  readonly zone: string;
  readonly zones: readonly string[];
}

function unsealed(keys: Pick<Keys, "unseal">, member: Member): string | null {
  try {
    return keys.unseal(member.toSealed, sealedIn(member.id));
  } catch {
    return null;
  }
}

/** Where a member is reached, or why he can't be; it spoils nobody else's. */
export function addressOf(
  deps: Pick<SendDeps, "keys" | "storefront">,
  member: Member | null,
): Result<Address, RecipientReason> {
  if (!member) return fail("erased");
  const e164 = unsealed(deps.keys, member);
  if (e164 === null) return fail("phone-invalid");
  if (member.timezone !== null && !isTimezone(member.timezone)) return fail("zone-invalid");
  const { timezone: profile, city, country } = member;
  const found = zoneOf({ profile, city, e164, country, storefront: deps.storefront.timezone });
  return ok({ e164, country, zone: found.zone, zones: found.zones ?? [found.zone] });
}

/** When somebody is to be reached, throttle and quiet hours aside. */
function wishOf(
  { schedule }: Campaign["definition"],
  { sendAt }: CampaignVariant,
  zones: { readonly home: string; readonly own: string },
  now: number,
): number {
  const local = "at" in schedule && schedule.localTime;
  const planned = local ? atLocalTime(schedule.at, zones.home, zones.own) : now;
  return Math.max(now, planned, sendAt ?? now);
}

interface Going {
  readonly contact: string;
  readonly recipient: Recipient;
}

/** Whose texts are stored with one statement a database; the first of a page leave before the last. */
const AT_ONCE = 100;
/** Numbers that are opened at a stretch: a few milliseconds of work. */
const AT_A_STRETCH = 25;

interface SendFacts {
  readonly slots: Slots;
  readonly budget: Budget;
  readonly now: number;
}

/**
 * Makes a message of each person of a page, or says why there is none. Safe to run twice: campaign,
 * run and contact name the message.
 */
export async function sendMembers(
  deps: SendDeps,
  campaign: Campaign,
  run: number,
  people: readonly Planned[],
  facts: SendFacts,
): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (let from = 0; from < people.length; from += AT_ONCE) {
    const some = people.slice(from, from + AT_ONCE);
    sent.push(...(await sendSome(deps, campaign, run, some, facts)));
  }
  return sent;
}

async function sendSome(
  deps: SendDeps,
  campaign: Campaign,
  run: number,
  people: readonly Planned[],
  facts: SendFacts,
): Promise<Sent[]> {
  const { definition, id } = campaign;
  const { storefront } = deps;
  const home = storefront.timezone;
  const offer = valuesOfOffer(definition.offer, home);
  const sent: Sent[] = [];
  const going = new Map<CampaignVariant, Going[]>();
  const addresses = await mapInSlices(
    people,
    AT_A_STRETCH,
    ({ member }) => addressOf(deps, member),
    deps.accepting.pause,
  );
  for (const [at, { contact, variant: name, member }] of people.entries()) {
    const address = addresses[at] ?? fail("erased");
    const variant = definition.variants.find((one) => one.name === name);
    if (!address.ok || !variant || !member) {
      const reason = address.ok ? "erased" : address.error;
      sent.push({ contact, message: null, reason, row: null });
      continue;
    }
    const { e164, country, zone, zones } = address.value;
    const wish = wishOf(definition, variant, { home, own: zone }, facts.now);
    const recipient: Recipient = {
      to: e164,
      country,
      variables: valuesFor(variant, offer, member.attributes),
      request: `campaign ${id} ${run} ${contact}`,
      sendAt: facts.slots.take(wish),
      owner: { zones, locale: member.locale },
    };
    const others = going.get(variant);
    if (others) others.push({ contact, recipient });
    else going.set(variant, [{ contact, recipient }]);
  }
  for (const [variant, own] of going) {
    const made = await acceptMessages(deps.accepting, {
      storefront,
      variants: textsOf(variant, storefront.id, deps.templates),
      recipients: own.map(({ recipient }) => recipient),
      sendAt: null,
      expiresInMs: null,
      urgent: false,
      request: null,
      campaign: {
        campaign: id,
        run,
        variant: variant.name,
        expiresAt: endOf(definition),
        keepBack: (cost) =>
          facts.budget.take(cost) ? null : { reason: "budget-exhausted", step: EXHAUSTED },
      },
    });
    for (const [at, { contact }] of own.entries()) {
      const one = made[at];
      if (!one) throw new Error("a recipient was lost");
      sent.push(
        one.ok
          ? { contact, message: one.value.id, reason: null, row: one.value.row }
          : { contact, message: null, reason: one.error.code, row: null },
      );
    }
  }
  return sent;
}
