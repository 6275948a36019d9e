import type { Database } from "../db/client.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { StoredTemplate } from "../templates/store.ts";
import type { Audience, Campaign } from "./campaign.ts";
import type { Author } from "./decide-campaign.ts";
import { createCampaign, type DefinitionFault } from "./edit-campaign.ts";
import { linkRollout } from "./findings/store.ts";
import { claimOrigin, listRollouts } from "./playbooks/store.ts";
import type { CampaignStatus } from "./status.ts";

export interface RollOutDeps {
  readonly db: Database;
  readonly audience: Audience;
  readonly newId: (prefix: "cmp") => string;
  readonly templates: readonly StoredTemplate[];
}

export type RollOutRefusal =
  | { readonly code: "not-run"; readonly status: CampaignStatus }
  | { readonly code: "no-such-variant" }
  /** Only one at a time is sent to the rest, for two would both reach everybody in it. */
  | { readonly code: "rolled-out"; readonly campaign: string }
  | { readonly code: "faulty"; readonly faults: readonly DefinitionFault[] };

const HAS_RUN: readonly CampaignStatus[] = ["running", "paused", "completed", "canceled"];
const LONGEST_NAME = 100;

/**
 * Drafts a campaign that sends one text of another to those whom that one sent nothing. It is
 * approved like any other.
 */
export async function rollOut(
  deps: RollOutDeps,
  source: Campaign,
  variant: string,
  by: Author,
): Promise<Result<Campaign, RollOutRefusal>> {
  const { id, storefront, definition } = source;
  if (!HAS_RUN.includes(source.status)) return fail({ code: "not-run", status: source.status });
  const winner = definition.variants.find(({ name }) => name === variant);
  if (!winner) return fail({ code: "no-such-variant" });
  const before = await listRollouts(deps.db, id);
  const open = before.find(({ status }) => status !== null && status !== "canceled");
  if (open) return fail({ code: "rolled-out", campaign: open.campaign });

  const own = deps.newId("cmp");
  const origin = await claimOrigin(deps.db, {
    campaign: own,
    storefront,
    start: `roll-out ${before.length} of ${id}`,
    segment: null,
    playbook: null,
    source: id,
    sourceVariant: variant,
    createdAt: by.now,
  });
  // Asked for twice at the same time: the other one was first.
  if (origin.campaign !== own) return fail({ code: "rolled-out", campaign: origin.campaign });
  const facts = { audience: deps.audience, templates: deps.templates, now: by.now };
  const created = await createCampaign(
    deps,
    facts,
    { id: own, storefront },
    {
      ...definition,
      name: `${definition.name} · ${variant}`.slice(0, LONGEST_NAME),
      segment: id,
      variants: [{ ...winner, weight: 1, sendAt: null }],
      holdout: 0,
      schedule: { at: by.now, localTime: false },
    },
    by,
  );
  if (!created.ok) return fail({ code: "faulty", faults: created.error });
  await linkRollout(deps.db, source, own, by.now);
  return ok(created.value);
}
