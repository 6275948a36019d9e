import { fail, ok, type Result } from "../lib/result.ts";
import { isTimezone } from "../storefronts/storefront.ts";
import type { TemplateHead } from "../templates/template.ts";
import {
  type Audience,
  type Campaign,
  type CampaignDefinition,
  endOf,
  endOfOffer,
} from "./campaign.ts";
import {
  type Author,
  type DecideDeps,
  type DecideRefusal,
  moveCampaign,
} from "./decide-campaign.ts";
import { type CronFault, cronFault } from "./schedule.ts";
import { insertCampaign } from "./store.ts";

/** What is wrong with a definition, and where. */
export interface DefinitionFault {
  /** As in the body of a request. */
  readonly path: string;
  readonly message: string;
}

interface Facts {
  readonly audience: Audience;
  /** Of the storefront, approved or not. */
  readonly templates: readonly Pick<TemplateHead, "id" | "name" | "category">[];
  readonly now: number;
}

const CRON_FAULTS: Readonly<Record<CronFault, string>> = {
  "not-five-fields": "must be five fields of cron such as 0 10 * * 1 · 须为五段式 cron 表达式",
  "too-often": "must leave 15 minutes between two runs · 两次执行至少间隔 15 分钟",
  never: "never comes · 永远不会触发",
};

const DAY_OF_TIME = /^\d{4}-\d\d-\d\dT/;

/** Why a definition can't be a campaign: all of it. */
export async function definitionFaults(
  { audience, templates, now }: Facts,
  storefront: string,
  definition: CampaignDefinition,
): Promise<DefinitionFault[]> {
  const faults: DefinitionFault[] = [];
  const { variants, schedule, offer } = definition;
  if ((await audience.fingerprint(storefront, definition.segment)) === null) {
    faults.push({ path: "segment", message: "there is no such segment · 人群不存在" });
  }
  if (new Set(variants.map(({ name }) => name)).size < variants.length) {
    faults.push({ path: "variants", message: "must have a name each · 各版本名称须唯一" });
  }
  for (const [at, { template }] of variants.entries()) {
    const found = templates.filter((one) => one.id === template || one.name === template);
    const path = `variants.${at}.template`;
    if (found.length === 0)
      faults.push({ path, message: "there is no such template · 模板不存在" });
    if (found.some((one) => one.category === "otp")) {
      faults.push({ path, message: "is for codes · 验证码模板不能用于活动" });
    }
  }
  if ("cron" in schedule) {
    const fault = isTimezone(schedule.timezone) ? cronFault(schedule, now) : null;
    if (!isTimezone(schedule.timezone)) {
      faults.push({ path: "schedule.timezone", message: "must be an IANA zone · 须为 IANA 时区" });
    }
    if (fault) faults.push({ path: "schedule.cron", message: CRON_FAULTS[fault] });
  }
  const end = endOfOffer(offer);
  if (typeof offer === "object" && offer?.expires_at !== undefined) {
    const said = String(offer.expires_at);
    if (end === null || Number.isNaN(end) || !DAY_OF_TIME.test(said)) {
      faults.push({
        path: "offer.expires_at",
        message: "must be a time of RFC 3339 · 须为 RFC 3339 时间",
      });
    }
  }
  if (!("cron" in schedule)) {
    const over = endOf(definition);
    if (over !== null && over <= schedule.at) {
      faults.push({ path: "schedule.at", message: "is after its end · 晚于结束时间" });
    }
  }
  return faults;
}

/** A draft of its own. */
export async function createCampaign(
  deps: Pick<DecideDeps, "db">,
  facts: Facts,
  head: Pick<Campaign, "id" | "storefront">,
  definition: CampaignDefinition,
  by: Author,
): Promise<Result<Campaign, readonly DefinitionFault[]>> {
  const faults = await definitionFaults(facts, head.storefront, definition);
  if (faults.length > 0) return fail(faults);
  const campaign: Campaign = {
    ...head,
    definition,
    status: "draft",
    reason: null,
    createdBy: by.actor,
    editors: [by.actor],
    submittedBy: null,
    approvedBy: null,
    approved: null,
    nextRunAt: null,
    version: 1,
    createdAt: by.now,
    updatedAt: by.now,
  };
  await insertCampaign(deps.db, campaign);
  return ok(campaign);
}

export interface FaultyDefinition {
  readonly code: "faulty";
  readonly faults: readonly DefinitionFault[];
}

/**
 * Changes what the campaign says at that moment, so that of two changes at once both hold. What was
 * in review or approved is in review again, submitted by who changed it.
 */
export const editCampaign = (
  deps: Pick<DecideDeps, "db">,
  facts: Facts,
  id: string,
  change: (definition: CampaignDefinition) => CampaignDefinition,
  by: Author,
): Promise<Result<Campaign, DecideRefusal | FaultyDefinition>> =>
  moveCampaign<FaultyDefinition>(
    deps.db,
    id,
    "edit",
    async (found) => {
      const definition = change(found.definition);
      const faults = await definitionFaults(facts, found.storefront, definition);
      if (faults.length > 0) return fail({ code: "faulty", faults });
      const { status, approvedBy, editors } = found;
      const isSubmitted = status === "in_review" || status === "scheduled";
      const unapproved = approvedBy === null ? editors : [];
      return ok({
        definition,
        editors: [...unapproved.filter((one) => one !== by.actor), by.actor],
        submittedBy: isSubmitted ? by.actor : null,
        approvedBy: null,
        approved: null,
        nextRunAt: null,
      });
    },
    by.now,
  );
