import type { AudienceWays, ContactWays } from "../audience/ways.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { ExperimentWays } from "../campaigns/experiment-ways.ts";
import type { CampaignWays } from "../campaigns/ways.ts";
import type { GuardState } from "../compliance/abuse-guard.ts";
import type { PermissionDeps } from "../compliance/permissions/change.ts";
import type { PoliciesPatch } from "../compliance/policies.ts";
import type { AbuseRules } from "../compliance/rules.ts";
import type { ContentWays } from "../compliance/screening/ways.ts";
import type { ConversionWays } from "../conversions/ways.ts";
import type { Database } from "../db/client.ts";
import type { AcceptDeps } from "../dispatch/accept-messages.ts";
import type { AccountState } from "../dispatch/provider-account.ts";
import type { Flags } from "../flags/flags.ts";
import type { FlagChange } from "../flags/store.ts";
import type { InsightWays } from "../insight/ways.ts";
import type { LedgerWays } from "../ledger/ways.ts";
import type { IdPrefix } from "../lib/id.ts";
import type { Keys } from "../lib/keys.ts";
import type { TargetRules } from "../lib/target.ts";
import type { Clock } from "../lib/time.ts";
import type { LinkWays } from "../links/ways.ts";
import type { MessageLog } from "../messages/log.ts";
import type { QueueShard } from "../messages/queue-shard.ts";
import type { PrivacyWays } from "../privacy/ways.ts";
import type { ProductWays } from "../products/ways.ts";
import type { Outcome, Stamp, Submission } from "../providers/provider.ts";
import type { CallDeps } from "../providers/submit.ts";
import type { Account } from "../routing/account.ts";
import type { RoutingChanges } from "../routing/change-routing.ts";
import type { HealthBook } from "../routing/health.ts";
import type { RouteRule } from "../routing/route.ts";
import type { ScoreBook } from "../routing/scores.ts";
import type { Sender } from "../senders/sender.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { Frame, Frames } from "../templates/frame.ts";
import type { FindContent } from "../templates/screened-text.ts";
import type { Template } from "../templates/template.ts";
import type { TriggerDeps } from "../triggers/send-occasions.ts";
import type { AbuseWays } from "../verifications/guard-send.ts";
import type { PhoneNumberStub } from "../verifications/plan.ts";
import type { VerificationSettings } from "../verifications/settings.ts";
import type { WebhookEndpoints } from "../webhooks/webhook-endpoint.ts";
import { endpoint } from "./endpoint.ts";

/** What the endpoints work with: configuration of this moment, and the ways to the stores. */
export interface Services extends CallDeps, TriggerDeps {
  readonly keys: Keys;
  /** Whether a test key asks. */
  readonly sandbox: boolean;
  readonly clock: Clock;
  readonly health: HealthBook;
  readonly scores: ScoreBook;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: MessageLog;
  readonly audit: Pick<AuditTrail, "append" | "page" | "verify">;
  readonly db: Database;
  readonly storefronts: readonly Storefront[];
  readonly senders: readonly Sender[];
  readonly templates: readonly Template[];
  readonly accounts: readonly Account[];
  readonly routes: readonly RouteRule[];
  readonly routing: RoutingChanges;
  readonly flags: Flags;
  /** What the answer shows holds for the next request. */
  readonly changeFlags: (changes: readonly FlagChange[]) => Promise<Flags>;
  /** Where vendors and customers reach us. */
  readonly publicOrigin: string;
  /** Where requests of ours may go. */
  readonly targets: TargetRules;
  readonly webhookEndpoints: WebhookEndpoints;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly newId: (prefix: IdPrefix) => string;
  /** Hands one text to one account, once. */
  readonly submit: (account: Account, text: Submission) => Promise<Outcome>;
  readonly stamp: () => Stamp;
  readonly wait: (ms: number) => Promise<void>;
  /** Takes work that goes on behind the answer. */
  readonly later: (work: Promise<unknown>) => void;
  /** What accepting messages takes. */
  readonly accepting: AcceptDeps;
  readonly links: LinkWays;
  readonly conversions: ConversionWays;
  readonly products: ProductWays;
  readonly ledger: LedgerWays;
  readonly insight: InsightWays;
  readonly privacy: PrivacyWays;
  readonly contacts: ContactWays;
  readonly audience: AudienceWays;
  readonly campaigns: CampaignWays;
  readonly experiments: ExperimentWays;
  readonly content: ContentWays;
  readonly findContent: FindContent;
  /** Messages that wait, by shard of the log. */
  readonly queues: readonly QueueShard[];
  /** How an account is used for texts that are no codes. */
  readonly accountState: (account: Account) => Promise<AccountState>;
  /** Makes the next request read the configuration anew. */
  readonly changed: () => void;
  readonly phone: (objectName: string) => PhoneNumberStub;
  readonly abuse: AbuseWays;
  readonly abuseState: (storefront: string) => Promise<GuardState>;
  /** Null: challenges are proofs of work. */
  readonly turnstileSiteKey: string | null;
  /** Applies the change to what is stored at that moment; the next request sees it. */
  readonly changeAbuseRules: (
    storefront: string,
    change: (rules: AbuseRules) => AbuseRules,
  ) => Promise<AbuseRules>;
  /** What each storefront changed of the built-in policies. */
  readonly policies: ReadonlyMap<string, PoliciesPatch>;
  /** Applies the change to what is stored at that moment; the next request sees it. */
  readonly changePolicies: (
    storefront: string,
    change: (own: PoliciesPatch) => PoliciesPatch,
  ) => Promise<PoliciesPatch>;
  readonly permissions: PermissionDeps;
  /** What stands around an offer as it leaves to a country. */
  readonly frameOf: (storefront: string, country: string, body: string) => Frame;
  /** The frames that an offer is filed in. */
  readonly framesOf: (storefront: string, body: string) => Frames;
  /** What stands before the code of a storefront's short links. */
  readonly linkPrefixOf: (storefront: string) => string;
  readonly settingsOf: (storefront: string) => VerificationSettings;
  /** Applies the change to what is stored at that moment; the next request sees it. */
  readonly changeSettings: (
    storefront: string,
    change: (settings: VerificationSettings) => VerificationSettings,
  ) => Promise<VerificationSettings>;
}

export const define = endpoint<Services>();
