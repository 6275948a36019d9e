import { countMembers, type MemberDeps, pageSegment } from "../audience/members.ts";
import { findSegment } from "../audience/store.ts";
import type { Audience } from "../campaigns/campaign.ts";
import type { CampaignRunnerDeps, CampaignRunnerStub } from "../campaigns/campaign-runner.ts";
import { dryRun } from "../campaigns/dry-run.ts";
import { Ledger } from "../campaigns/ledger.ts";
import { countReactions } from "../campaigns/reactions.ts";
import { type ReactionCounter, reportCampaign } from "../campaigns/report.ts";
import { withRests } from "../campaigns/rest.ts";
import { stepCampaign } from "../campaigns/run-campaign.ts";
import { listBusy } from "../campaigns/store.ts";
import { testCampaign } from "../campaigns/test-campaign.ts";
import type { CampaignWays } from "../campaigns/ways.ts";
import { standingOf } from "../compliance/permissions/standing.ts";
import { type Database, openDatabase } from "../db/client.ts";
import { givingWay } from "../db/giving-way.ts";
import type { AcceptDeps } from "../dispatch/accept-messages.ts";
import { textRequest } from "../dispatch/leave.ts";
import type { Keys } from "../lib/keys.ts";
import type { Clock } from "../lib/time.ts";
import { CampaignRows } from "../messages/campaign-rows.ts";
import { sealedIn } from "../messages/message.ts";
import { costOf } from "../routing/prices.ts";
import { numberKey } from "../routing/route-context.ts";
import type { PhoneNumberStub } from "../verifications/plan.ts";
import type { Compliance } from "./compliance.ts";
import type { Configuration } from "./configuration.ts";

interface Parts {
  readonly env: Pick<Env, "DB" | "LOG_0" | "LOG_1" | "CAMPAIGN_RUNNER" | "PHONE">;
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  /** Whether anything may leave yet. */
  readonly isOpen: boolean;
  readonly compliance: Pick<Compliance, "policies">;
  readonly configuration: () => Promise<Configuration>;
  readonly accepting: (configuration: Configuration) => AcceptDeps;
  readonly changed: () => void;
  /** Waits while somebody is in haste. */
  readonly giveWay: () => Promise<void>;
  readonly logError: (event: string, error: unknown) => void;
}

function wireAudience(deps: MemberDeps, db: Database): Audience {
  const within = async <T>(
    storefront: string,
    id: string,
    look: (audience: Parameters<typeof countMembers>[1]) => Promise<T>,
    none: T,
  ): Promise<T> => {
    const segment = await findSegment(db, id, storefront);
    return segment ? look({ storefront, filter: segment.filter }) : none;
  };
  return {
    fingerprint: (storefront, id) =>
      within(storefront, id, async ({ filter }) => JSON.stringify(filter), null),
    count: (storefront, id) =>
      within(storefront, id, (audience) => countMembers(deps, audience), 0),
    page: (storefront, id, after, most) =>
      within(storefront, id, (audience) => pageSegment(deps, audience, after, most), []),
  };
}

/** Campaigns: what endpoints do with them, and what sends them, wired together. */
export function wireCampaigns(parts: Parts) {
  const { env, db, keys, clock, configuration, changed, logError } = parts;
  const nounsOf = (binding: D1Database, logs: readonly D1Database[], database: Database) => ({
    audience: withRests(binding, wireAudience({ binding, clock }, database)),
    ledger: new Ledger(binding),
    rows: logs.map((log) => new CampaignRows(log)),
  });
  const logs = [env.LOG_0, env.LOG_1];
  const { audience, ledger, rows } = nounsOf(env.DB, logs, db);
  const patiently = (binding: D1Database) => givingWay(binding, parts.giveWay);
  const patientDb = patiently(env.DB);
  // One generated stub type a call would cost more to check than the interface is worth.
  const runner = (campaign: string) =>
    env.CAMPAIGN_RUNNER.getByName(campaign) as unknown as CampaignRunnerStub;
  const wakeRunner = (campaign: string, at: number) => runner(campaign).wake(campaign, at);

  const objections: ReactionCounter = async ({ id }) =>
    new Map((await ledger.objections(id)).map(({ variant, ...counts }) => [variant, counts]));
  const counters: readonly ReactionCounter[] = [objections, countReactions(env.DB)];

  const runnerDeps: CampaignRunnerDeps = {
    clock,
    isOpen: parts.isOpen,
    logError,
    step: (campaign) =>
      stepCampaign(
        {
          ...nounsOf(patientDb, logs.map(patiently), openDatabase(patientDb)),
          db: openDatabase(patientDb),
          clock,
          changed,
          async world() {
            const now = await configuration();
            return { ...now, keys, accepting: parts.accepting(now) };
          },
        },
        campaign,
      ),
  };

  return {
    runner: runnerDeps,
    /** Sees to it that each campaign with something to do has its runner at work. */
    async tick(): Promise<void> {
      const now = clock.now();
      for (const id of await listBusy(db, now)) await wakeRunner(id, now);
    },
    ways: (now: Configuration): CampaignWays => {
      const { templates } = now;
      const accepting = parts.accepting(now);
      return {
        audience,
        deciding: { db, audience, templates, rows, changed, wakeRunner },
        report: (campaign) => reportCampaign({ ledger, rows, counters }, campaign),
        test: (storefront, ...test) => testCampaign({ accepting, templates, storefront }, ...test),
        async dryRun(storefront, campaign) {
          return dryRun(
            {
              keys,
              accepting,
              templates,
              storefront,
              audience,
              now: clock.now(),
              policyOf: await parts.compliance.policies(),
              standingOf: (...asked) => standingOf(env.DB, ...asked),
              costOf(row) {
                const account = now.accounts.find((one) => one.id === row.account);
                return account ? costOf(account, row.country, row.segments) : null;
              },
              judge(row, policy) {
                const to = keys.unseal(row.toSealed, sealedIn("to", row.id));
                const text = keys.unseal(row.textSealed, sealedIn("text", row.id));
                const phone = env.PHONE.getByName(
                  numberKey(keys, to),
                ) as unknown as PhoneNumberStub;
                return phone.judge(textRequest(row, keys.mac("text", text), policy));
              },
            },
            campaign,
          );
        },
      };
    },
  };
}
