import type { Storefront } from "../storefronts/storefront.ts";
import { renderText } from "../templates/render-text.ts";
import { pickVariant, type Template, variablesOf } from "../templates/template.ts";
import { holds } from "./condition.ts";
import type { OutcomeReason, StoredEvent } from "./event.ts";
import { type Occasion, prepareOccasions } from "./occasion.ts";
import { type Rule, readVariables } from "./rule.ts";
import { type TriggerDeps, variantsOf } from "./send-occasions.ts";

/** What a rule would have made of an event. */
export interface Rehearsed {
  readonly event: Pick<StoredEvent, "id" | "occurredAt">;
  readonly matches: boolean;
  /** E.164, where it matches and there is one. */
  readonly to: string | null;
  readonly text: string | null;
  readonly reason: OutcomeReason | "condition-not-met" | null;
  readonly detail: string | null;
}

const result = ({ id, occurredAt }: StoredEvent, more: Partial<Rehearsed>): Rehearsed => ({
  event: { id, occurredAt },
  matches: false,
  to: null,
  text: null,
  reason: null,
  detail: null,
  ...more,
});

function rehearse(
  { event, rule, facts, recipient, locale }: Occasion,
  variants: readonly Template[],
  storefront: Storefront,
): Rehearsed {
  const held = holds(rule.condition, facts);
  if (!held.ok) return result(event, { reason: held.error });
  if (!held.value) return result(event, { reason: "condition-not-met" });
  const met = { matches: true, to: "e164" in recipient ? recipient.e164 : null };
  if ("missing" in recipient) return result(event, { ...met, reason: recipient.missing });
  const template = pickVariant(variants, locale, storefront.locale);
  if (!template) return result(event, { ...met, reason: "template-not-approved" });
  const rendered = renderText(template, readVariables(rule, variablesOf(template.body), facts));
  if (rendered.ok) return result(event, { ...met, text: rendered.value.text });
  const detail = rendered.error.map((one) => one.name).join(", ");
  return result(event, { ...met, reason: "variables", detail });
}

/** Events in memory at a time. */
const PAGE = 100;

/** What a rule would make of the newest events that it listens to; nothing is sent or stored. */
export async function rehearseRule(
  deps: TriggerDeps,
  storefront: Storefront,
  rule: Rule,
  last: number,
): Promise<Rehearsed[]> {
  const variants = variantsOf(rule, deps.templates);
  const rehearsed: Rehearsed[] = [];
  let below: string | undefined;
  while (rehearsed.length < last) {
    const filter = { storefront: storefront.id, sandbox: deps.sandbox, name: rule.event, below };
    const most = Math.min(PAGE, last - rehearsed.length);
    const events = await deps.events.page(filter, most);
    const pairs = events.map((event) => ({ event, rule }));
    const occasions = await prepareOccasions(deps.contactsOf, storefront, pairs);
    rehearsed.push(...occasions.map((one) => rehearse(one, variants, storefront)));
    if (events.length < most) break;
    below = events.at(-1)?.key;
  }
  return rehearsed;
}
