import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { CampaignDefinition, RecipientReason, RunStatus } from "./campaign.ts";
import type { FindingStatus } from "./findings/finding.ts";
import type { Busy } from "./slots.ts";
import type { CampaignStatus } from "./status.ts";

export const campaigns = sqliteTable(
  "campaigns",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    definition: text({ mode: "json" }).$type<CampaignDefinition>().notNull(),
    status: text().$type<CampaignStatus>().notNull(),
    /** Why it was rejected, or stands still. */
    reason: text(),
    createdBy: text().notNull(),
    editors: text({ mode: "json" }).$type<readonly string[]>().notNull(),
    submittedBy: text(),
    approvedBy: text(),
    /** Fingerprint of what was approved: definition, audience and texts. */
    approved: text(),
    /** When the next run begins; null where none is to come. */
    nextRunAt: integer(),
    /** Raised by each change, which names the one that it saw. */
    version: integer().notNull(),
    createdAt: integer().notNull(),
    updatedAt: integer().notNull(),
  },
  (table) => [
    index("campaigns_by_storefront").on(table.storefront, table.id),
    // What the minute's tick looks after.
    index("campaigns_by_status").on(table.status, table.nextRunAt),
  ],
);

/** One time that a campaign is sent. */
export const campaignRuns = sqliteTable(
  "campaign_runs",
  {
    campaign: text().notNull(),
    /** For when it was planned, which names it. */
    at: integer().notNull(),
    status: text().$type<RunStatus>().notNull(),
    /** The last contact that is in the ledger. */
    cursor: text().notNull(),
    /** Who is in the ledger. */
    recipients: integer().notNull(),
    /** When its throttle lets nothing more leave. */
    slots: text({ mode: "json" }).$type<Busy[]>().notNull(),
    /** What its texts cost by estimate, in the budget's currency. */
    spent: text().notNull(),
    startedAt: integer().notNull(),
    endedAt: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.campaign, table.at] }),
    index("campaign_runs_open").on(table.campaign).where(sql`ended_at IS NULL`),
  ],
);

/** The ledger: who is in a run, and what became of him there. It names no number. */
export const campaignRecipients = sqliteTable(
  "campaign_recipients",
  {
    campaign: text().notNull(),
    run: integer().notNull(),
    contact: text().notNull(),
    /** Null: of the holdout. */
    variant: text(),
    /** The `msg_` id; null as long as there is none. */
    message: text(),
    /** Why there is none. */
    reason: text().$type<RecipientReason>(),
  },
  (table) => [
    primaryKey({ columns: [table.campaign, table.run, table.contact] }),
    // Who is in the ledger and has no message yet.
    index("campaign_recipients_open")
      .on(table.campaign, table.run, table.contact)
      .where(sql`message IS NULL AND reason IS NULL`),
    index("campaign_recipients_by_message").on(table.message).where(sql`message IS NOT NULL`),
  ],
);

/** Where a campaign comes from that nobody wrote from nothing. */
export const campaignOrigins = sqliteTable(
  "campaign_origins",
  {
    campaign: text().primaryKey(),
    storefront: text().notNull(),
    /** What it was made for: the same again makes no second one. */
    start: text().notNull(),
    /** The `seg_` id that was made with it. */
    segment: text(),
    playbook: text(),
    /** The `cmp_` id whose rest it sends to, and the text that won there. */
    source: text(),
    sourceVariant: text(),
    createdAt: integer().notNull(),
  },
  (table) => [
    uniqueIndex("campaign_origins_by_start").on(table.storefront, table.start),
    index("campaign_origins_by_source").on(table.source).where(sql`source IS NOT NULL`),
  ],
);

/** Which conversion rates a storefront takes for usual, where it has its own figures. */
export const kpiBands = sqliteTable(
  "kpi_bands",
  {
    storefront: text().notNull(),
    /** A playbook, or an objective. */
    name: text().notNull(),
    low: real().notNull(),
    high: real().notNull(),
    source: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.storefront, table.name] })],
);

/** What was noticed, tried because of it, and sent to all. */
export const findings = sqliteTable(
  "findings",
  {
    id: text().primaryKey(),
    storefront: text().notNull(),
    title: text().notNull(),
    note: text().notNull(),
    /** The path of the report that shows it. */
    source: text(),
    status: text().$type<FindingStatus>().notNull(),
    /** `cmp_` ids. */
    experiment: text(),
    rollout: text(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
    updatedAt: integer().notNull(),
  },
  (table) => [
    index("findings_by_storefront").on(table.storefront, table.id),
    index("findings_by_experiment").on(table.experiment).where(sql`experiment IS NOT NULL`),
    index("findings_by_rollout").on(table.rollout).where(sql`rollout IS NOT NULL`),
    // What a campaign's report led to.
    index("findings_by_source").on(table.source).where(sql`source IS NOT NULL`),
  ],
);
