import type { Services } from "../api/services.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Config } from "../config.ts";
import type { Database } from "../db/client.ts";
import type { Snapshot } from "../db/snapshot.ts";
import type { IdPrefix } from "../lib/id.ts";
import { type Keys, sandboxKeys } from "../lib/keys.ts";
import type { TargetRules } from "../lib/target.ts";
import type { Clock } from "../lib/time.ts";
import type { MessageLog } from "../messages/log.ts";
import type { SubmitDeps } from "../providers/submit.ts";
import type { RoutingChanges } from "../routing/change-routing.ts";
import type { HealthBook } from "../routing/health.ts";
import type { ScoreBook } from "../routing/scores.ts";
import type { PhoneNumberStub } from "../verifications/plan.ts";
import type { wireAbuse } from "./abuse.ts";
import type { wireAudience } from "./audience.ts";
import type { wireCampaigns } from "./campaigns.ts";
import type { wireCodes } from "./codes.ts";
import type { Compliance } from "./compliance.ts";
import type { Configuration } from "./configuration.ts";
import type { wireContacts } from "./contacts.ts";
import type { wireDispatch } from "./dispatch.ts";
import { wireExperiments } from "./experiments.ts";
import type { wireFlags } from "./flags.ts";
import type { wireInsight } from "./insight.ts";
import type { wireLedger } from "./ledger.ts";
import type { wireLinks } from "./links.ts";
import type { wirePrivacy } from "./privacy.ts";
import type { Sandbox } from "./sandbox.ts";
import type { wireContent } from "./screening.ts";
import type { wireSettings } from "./settings.ts";
import type { wireTriggers } from "./triggers.ts";
import type { wireWebhooks } from "./webhooks.ts";

interface Parts {
  readonly env: Pick<Env, "PHONE">;
  readonly config: Config;
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly health: HealthBook;
  readonly scores: ScoreBook;
  readonly log: MessageLog;
  readonly audit: AuditTrail;
  readonly routing: RoutingChanges;
  readonly targets: TargetRules;
  readonly vendors: SubmitDeps;
  readonly random: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly newId: (prefix: IdPrefix) => string;
  readonly changed: () => void;
  readonly snapshot: Snapshot<Configuration>;
  readonly sandbox: Sandbox;
  readonly abuse: ReturnType<typeof wireAbuse>;
  readonly compliance: Compliance;
  readonly contacts: ReturnType<typeof wireContacts>;
  readonly audience: ReturnType<typeof wireAudience>;
  readonly campaigns: Pick<ReturnType<typeof wireCampaigns>, "ways">;
  readonly content: ReturnType<typeof wireContent>;
  readonly dispatch: ReturnType<typeof wireDispatch>;
  readonly flags: ReturnType<typeof wireFlags>;
  readonly insight: Pick<ReturnType<typeof wireInsight>, "ways">;
  readonly ledger: Pick<ReturnType<typeof wireLedger>, "ways">;
  readonly links: ReturnType<typeof wireLinks>;
  readonly privacy: ReturnType<typeof wirePrivacy>;
  readonly webhooks: ReturnType<typeof wireWebhooks>;
  readonly codes: ReturnType<typeof wireCodes>;
  readonly settings: ReturnType<typeof wireSettings>;
  /** They send by these services themselves: known once both are made. */
  readonly triggers: () => ReturnType<typeof wireTriggers>["ways"];
}

type Later = (work: Promise<unknown>) => void;

/** What the endpoints work with, for live keys and for test keys. */
export function wireServices(parts: Parts) {
  const { env, config, db, keys, clock, vendors, compliance, dispatch } = parts;

  /** What filing templates and asking for their reviews takes. */
  const reviewing = (configuration: Configuration) => ({
    ...vendors,
    db,
    changed: parts.changed,
    accounts: configuration.accounts,
    senders: configuration.senders,
    frameOf: compliance.frameOf(configuration),
    framesOf: compliance.framesOf(configuration),
    linkPrefixOf: (storefront: string) =>
      parts.links.prefixOf(configuration.storefronts, storefront),
  });

  const campaigning = (configuration: Configuration) => {
    const campaigns = parts.campaigns.ways(configuration);
    return { campaigns, experiments: wireExperiments(parts, campaigns) };
  };

  const services = (
    configuration: Configuration,
    later: (work: Promise<unknown>) => void,
  ): Services => ({
    keys,
    sandbox: false,
    clock,
    health: parts.health,
    scores: parts.scores,
    random: parts.random,
    log: parts.log,
    audit: parts.audit,
    routing: parts.routing,
    publicOrigin: config.PUBLIC_ORIGIN,
    targets: parts.targets,
    webhookEndpoints: parts.webhooks.endpoints,
    randomBytes: parts.randomBytes,
    newId: parts.newId,
    submit: (account, text) => parts.codes.submit(account, text),
    ...configuration,
    ...reviewing(configuration),
    later,
    accepting: {
      ...dispatch.accepting(configuration),
      // Behind the answer: what a lost wake-up stands for is found by the sweeper.
      wake: async (wakeUps) => later(dispatch.wake(wakeUps)),
      wakeAt: async (at) => later(dispatch.wakeAt(at)),
    },
    queues: dispatch.queues,
    accountState: dispatch.accountState,
    wait: parts.wait,
    // One generated stub type a call would cost more to check than the interface is worth.
    phone: (name) => env.PHONE.getByName(name) as unknown as PhoneNumberStub,
    ...parts.abuse.services(configuration, later),
    ...parts.content.services(configuration),
    ...parts.flags.services(later),
    insight: parts.insight.ways,
    ledger: parts.ledger.ways,
    privacy: parts.privacy.ways,
    contacts: parts.contacts.ways,
    audience: parts.audience.ways,
    ...campaigning(configuration),
    permissions: compliance.permissions,
    changePolicies: compliance.changePolicies,
    ...parts.settings(configuration),
    ...parts.links.services(later),
    ...parts.triggers(),
  });

  /** A test key's: with names, accounts and texts of the sandbox, and without a way to vendors. */
  const sandboxServices = async (
    configuration: Configuration,
    later: (work: Promise<unknown>) => void,
  ): Promise<Services> => {
    const live = services(await parts.sandbox.configuration(configuration), later);
    return {
      ...live,
      accepting: { ...live.accepting, shorten: parts.links.shortenUnknown },
      keys: sandboxKeys(keys),
      sandbox: true,
      fetch: () => Promise.reject(new Error("a test key reaches no vendor")),
      submit: () => Promise.reject(new Error("a test key reaches no vendor")),
    };
  };

  const of = (isTest: boolean, configuration: Configuration, later: Later) =>
    (isTest ? sandboxServices : services)(configuration, later);

  return {
    of,
    reviewing,
    /** The world of live or of test keys at this moment, for what no key asks for. */
    open: async (isTest: boolean, later: Later) =>
      of(isTest, await parts.snapshot.get(later), later),
  };
}
