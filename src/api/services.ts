import type { AuditTrail } from "../audit/trail.ts";
import type { GuardState } from "../compliance/abuse-guard.ts";
import type { AbuseRules } from "../compliance/rules.ts";
import type { Database } from "../db/client.ts";
import type { AcceptDeps } from "../dispatch/accept-messages.ts";
import type { AccountState } from "../dispatch/provider-account.ts";
import type { IdPrefix } from "../lib/id.ts";
import type { Keys } from "../lib/keys.ts";
import type { Clock } from "../lib/time.ts";
import type { MessageLog } from "../messages/log.ts";
import type { QueueShard } from "../messages/queue-shard.ts";
import type { Outcome, Stamp, Submission } from "../providers/provider.ts";
import type { CallDeps } from "../providers/submit.ts";
import type { Account } from "../routing/account.ts";
import type { RoutingChanges } from "../routing/change-routing.ts";
import type { HealthBook } from "../routing/health.ts";
import type { RouteRule } from "../routing/route.ts";
import type { ScoreBook } from "../routing/scores.ts";
import type { Sender } from "../senders/sender.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { Template } from "../templates/template.ts";
import type { AbuseWays } from "../verifications/guard-send.ts";
import type { PhoneNumberStub } from "../verifications/plan.ts";
import type { VerificationSettings } from "../verifications/settings.ts";
import { endpoint } from "./endpoint.ts";

/** What the endpoints work with: configuration of this moment, and the ways to the stores. */
export interface Services extends CallDeps {
  readonly keys: Keys;
  /** Whether a test key asks. */
  readonly sandbox: boolean;
  readonly clock: Clock;
  readonly health: HealthBook;
  readonly scores: ScoreBook;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: MessageLog;
  readonly audit: Pick<AuditTrail, "page" | "verify">;
  readonly db: Database;
  readonly storefronts: readonly Storefront[];
  readonly senders: readonly Sender[];
  readonly templates: readonly Template[];
  readonly accounts: readonly Account[];
  readonly routes: readonly RouteRule[];
  readonly routing: RoutingChanges;
  /** Where vendors and customers reach us. */
  readonly publicOrigin: string;
  /** `host:port` pairs that requests may go to though they are not public. */
  readonly localTargets: readonly string[];
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
  readonly settingsOf: (storefront: string) => VerificationSettings;
  /** Applies the change to what is stored at that moment; the next request sees it. */
  readonly changeSettings: (
    storefront: string,
    change: (settings: VerificationSettings) => VerificationSettings,
  ) => Promise<VerificationSettings>;
}

export const define = endpoint<Services>();
