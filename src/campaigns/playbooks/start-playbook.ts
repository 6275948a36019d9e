import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { Temporal } from "temporal-polyfill";
import { isTaken } from "../../db/unique.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import type { Storefront } from "../../storefronts/storefront.ts";
import type { DraftFault } from "../../templates/check-draft.ts";
import { createTemplate, type EditDeps } from "../../templates/edit-template.ts";
import { pageTemplates, type StoredTemplate } from "../../templates/store.ts";
import type { Audience, Campaign, CampaignDefinition } from "../campaign.ts";
import type { Author } from "../decide-campaign.ts";
import { createCampaign, type DefinitionFault } from "../edit-campaign.ts";
import type { Schedule } from "../schedule.ts";
import { findCampaign } from "../store.ts";
import type { Playbook, SuggestedSchedule } from "./playbooks.ts";
import { claimOrigin } from "./store.ts";

export interface StartDeps extends EditDeps {
  readonly audience: Audience;
  readonly newId: (prefix: "cmp" | "seg" | "tpl") => string;
  /** Does nothing where there is a segment of this id. */
  readonly keepSegment: (segment: {
    readonly id: string;
    readonly storefront: string;
    readonly name: string;
    readonly filter: Readonly<Record<string, unknown>>;
  }) => Promise<void>;
}

type Wishes = "name" | "offer" | "schedule" | "holdout" | "budget" | "expiresAt";
/** What is to be other than the playbook suggests. */
export type StartWish = { readonly [K in Wishes]?: CampaignDefinition[K] | undefined };

export interface Started {
  readonly campaign: Campaign;
  readonly templates: readonly StoredTemplate[];
}

export type StartRefusal =
  | { readonly code: "content-rejected"; readonly faults: readonly DraftFault[] }
  | { readonly code: "faulty"; readonly faults: readonly DefinitionFault[] };

const LOCALES = { "zh-CN": "zh", en: "en" } as const;
/** Enough to tell what it brought; small enough to reach nearly all. */
const HOLDOUT = 0.1;
const MOST_TEXTS = 100;

/** What a playbook's texts are called. */
export const templateNameOf = ({ name }: Pick<Playbook, "name">): string => `campaign-${name}`;

/** The shop's calendar at a time. */
export const dayAt = (at: number, timezone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone).toPlainDate();

/** A suggestion as a campaign has it. */
export const toSchedule = (suggested: SuggestedSchedule, timezone: string): Schedule =>
  "cron" in suggested
    ? { cron: suggested.cron, timezone }
    : {
        at: suggested.at.toZonedDateTime(timezone).epochMilliseconds,
        localTime: suggested.localTime,
      };

async function draftTexts(
  deps: StartDeps,
  storefront: Storefront,
  playbook: Playbook,
  by: Author,
): Promise<Result<readonly StoredTemplate[], StartRefusal>> {
  const filter = { storefront: storefront.id, name: templateNameOf(playbook) };
  for (const [locale, language] of Object.entries(LOCALES)) {
    const head = { ...filter, id: deps.newId("tpl"), locale, sender: storefront.sender };
    const body = playbook.text[language];
    const drafted = await createTemplate(
      deps,
      { ...head, category: "marketing", channel: "sms", body, variables: [] },
      by,
    );
    // One that is there already, in whatever words, is the storefront's own choice.
    if (drafted.ok || drafted.error.code === "name-taken") continue;
    if (drafted.error.code === "content-rejected") {
      return fail({ code: "content-rejected", faults: drafted.error.faults });
    }
    throw new Error(`a playbook's text is faulty: ${playbook.name}`);
  }
  return ok(await pageTemplates(deps.db, filter, MOST_TEXTS));
}

/**
 * Drafts texts, segment and campaign of a playbook, and sends nothing. The same wish again is
 * answered with the same campaign, as it stands by then; a crash between is made up for.
 */
export async function startPlaybook(
  deps: StartDeps,
  storefront: Storefront,
  playbook: Playbook,
  wish: StartWish,
  by: Author,
): Promise<Result<Started, StartRefusal>> {
  const said = canonicalize({ playbook: playbook.name, wish }) ?? "";
  const origin = await claimOrigin(deps.db, {
    campaign: deps.newId("cmp"),
    segment: deps.newId("seg"),
    storefront: storefront.id,
    start: createHash("sha256").update(said).digest("hex"),
    playbook: playbook.name,
    source: null,
    sourceVariant: null,
    createdAt: by.now,
  });
  const texts = await draftTexts(deps, storefront, playbook, by);
  if (!texts.ok) return texts;
  const found = await findCampaign(deps.db, origin.campaign);
  if (found) return ok({ campaign: found, templates: texts.value });

  const asked = wish.schedule && "at" in wish.schedule ? wish.schedule.at : by.now;
  const { filter, schedule, variables } = playbook.suggest(dayAt(asked, storefront.timezone));
  const name = wish.name ?? playbook.title.zh;
  const segment = origin.segment ?? "";
  await deps.keepSegment({ id: segment, storefront: storefront.id, name, filter });
  const facts = { audience: deps.audience, templates: texts.value, now: by.now };
  const definition: CampaignDefinition = {
    name,
    objective: playbook.objective,
    offer: wish.offer ?? null,
    segment,
    variants: [
      { name: "A", template: templateNameOf(playbook), variables, weight: 1, sendAt: null },
    ],
    holdout: wish.holdout ?? HOLDOUT,
    schedule: wish.schedule ?? toSchedule(schedule, storefront.timezone),
    throttlePerSecond: null,
    budget: wish.budget ?? null,
    expiresAt: wish.expiresAt ?? null,
  };
  const head = { id: origin.campaign, storefront: storefront.id };
  try {
    const created = await createCampaign(deps, facts, head, definition, by);
    if (!created.ok) return fail({ code: "faulty", faults: created.error });
    return ok({ campaign: created.value, templates: texts.value });
  } catch (error) {
    // The same wish at the same time was faster.
    const first = isTaken(error) ? await findCampaign(deps.db, origin.campaign) : null;
    if (!first) throw error;
    return ok({ campaign: first, templates: texts.value });
  }
}
