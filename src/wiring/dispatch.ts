import { UNRULED } from "../compliance/policies.ts";
import type { ContentRules } from "../compliance/screening/check-content.ts";
import type { Database } from "../db/client.ts";
import type { AcceptDeps } from "../dispatch/accept-messages.ts";
import type { NumberGate } from "../dispatch/ask-numbers.ts";
import { type DrainDeps, drain, type WakeUp } from "../dispatch/drain.ts";
import { noteRefusals, type RefusalDeps } from "../dispatch/note-refusals.ts";
import type { PersonalizeDeps } from "../dispatch/personalize.ts";
import { planRoute, usualOf } from "../dispatch/plan-route.ts";
import type { ProviderAccountStub } from "../dispatch/provider-account.ts";
import { type SweepDeps, sweep } from "../dispatch/sweep.ts";
import { stopOf, stopOfProvider } from "../flags/flags.ts";
import { Gatherer } from "../lib/gather.ts";
import { base32 } from "../lib/id.ts";
import { type Keys, sandboxKeys } from "../lib/keys.ts";
import type { RightOfWay } from "../lib/right-of-way.ts";
import { type Clock, SECOND } from "../lib/time.ts";
import { stopOfCampaign } from "../messages/campaign-rows.ts";
import { sealedIn } from "../messages/message.ts";
import { QueueShard } from "../messages/queue-shard.ts";
import { RefusalShard } from "../messages/refusals.ts";
import { UnsettledShard } from "../messages/unsettled.ts";
import { TEXTS_KEPT } from "../phone/texts.ts";
import type { ForgetterStub } from "../privacy/forgetter.ts";
import { queueOwners } from "../providers/registry.ts";
import { sandbox as sandboxProvider } from "../providers/sandbox.ts";
import { askProvider, type SubmitDeps, submitBatch } from "../providers/submit.ts";
import { type Account, callbackUrls, rateOf } from "../routing/account.ts";
import type { HealthBook } from "../routing/health.ts";
import { regionOf } from "../routing/route.ts";
import { numberKey, sendingContext } from "../routing/route-context.ts";
import type { ScoreBook } from "../routing/scores.ts";
import { SANDBOX_ACCOUNT, SANDBOX_BINDINGS } from "../sandbox/world.ts";
import { filedAs } from "../templates/frame.ts";
import { findVersion } from "../templates/store.ts";
import type { TemplateVersion } from "../templates/template.ts";
import type { Compliance } from "./compliance.ts";
import type { Configuration } from "./configuration.ts";
import { wireOptOuts } from "./opt-outs.ts";
import type { Sandbox } from "./sandbox.ts";

/** Nobody waits for a notification: a slow provider may take its time. */
const TIMEOUT_MS = 10 * SECOND;
/** Wake-ups of so long are one per provider. */
const WAKE_GATHER_MS = 10;
const VERSIONS_KEPT = 500;
/** Objects that share the forgetting: one holds 10 GB, and a number 40 bytes. */
const FORGETTERS = 8;

interface Parts {
  readonly env: Env;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly db: Database;
  readonly health: HealthBook;
  readonly scores: ScoreBook;
  /** Whether anything may leave yet. */
  readonly isOpen: boolean;
  /** Whether no other process works on the same rows. */
  readonly onlyProcess: boolean;
  readonly random: () => number;
  readonly wallClock: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly rightOfWay: Pick<RightOfWay, "pause" | "isBusy">;
  readonly giveWay: () => Promise<void>;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly vendors: SubmitDeps;
  readonly sandbox: Pick<Sandbox, "deliver">;
  readonly configuration: () => Promise<Configuration>;
  readonly compliance: Compliance;
  readonly enter: RefusalDeps["enter"];
  readonly people: AcceptDeps["people"];
  readonly personal: PersonalizeDeps;
  readonly contentRulesOf: (now: Configuration, storefront: string) => Promise<ContentRules>;
  readonly logError: (event: string, error: unknown) => void;
}

/** A provider's queue is bound under its name: `SEND_ALIYUN`. */
const queueOf = (env: Env, provider: string): Queue<WakeUp> | undefined =>
  (env as unknown as Record<string, Queue<WakeUp> | undefined>)[`SEND_${provider.toUpperCase()}`];

const forgetterOf = (env: Env, index: number): ForgetterStub =>
  env.FORGETTER.getByName(`forgetter-${index}`) as unknown as ForgetterStub;

/** The way out of messages: what accepts, what sends, what looks after them, wired together. */
export function wireDispatch(parts: Parts) {
  const { env, keys, clock, db, health, scores, randomBytes, vendors, configuration, logError } =
    parts;
  const logs = [env.LOG_0, env.LOG_1];
  const queues = logs.map((binding) => new QueueShard(binding));
  const refusals = logs.map((binding) => new RefusalShard(binding));
  const process = base32(randomBytes(10));
  let claims = 0;

  const urgent = new Set<string>();
  const wakeUps = new Gatherer<WakeUp>(
    async (gathered) => {
      const distinct = new Set(gathered.map((one) => one.provider));
      await Promise.all(
        [...distinct].map((provider) => queueOf(env, provider)?.send({ provider })),
      );
    },
    { waitMs: WAKE_GATHER_MS, most: 1_000 },
    parts.wallClock,
  );
  // A wake-up that gets lost is made up for by the sweeper: nothing may fail because of one.
  const wake = (wanted: readonly WakeUp[]): Promise<void> => {
    for (const { provider, isUrgent } of wanted) if (isUrgent) urgent.add(provider);
    return wakeUps.add(wanted).catch((error: unknown) => logError("wake-up-lost", error));
  };

  const sweeper = () => env.SWEEPER.getByName("sweeper");
  const wakeAt = (at: number): Promise<void> =>
    sweeper()
      .wakeBy(at)
      .catch((error: unknown) => logError("sweeper-not-woken", error));

  const versions = new Map<string, TemplateVersion>();
  const version = async (template: string, wanted: number): Promise<TemplateVersion | null> => {
    const { templates } = await configuration();
    const live = templates.find((one) => one.id === template && one.version === wanted);
    if (live) return live;
    const key = `${template} ${wanted}`;
    const held = versions.get(key);
    if (held) return held;
    const found = await findVersion(db, template, wanted);
    if (found?.bindings.some((one) => one.status === "approved")) {
      if (versions.size >= VERSIONS_KEPT) versions.clear();
      versions.set(key, found);
    }
    return found;
  };

  const routeContext = (now: Configuration): AcceptDeps["routeContext"] => {
    const known = { ...now, health, scores, random: parts.random };
    return (unfit) => sendingContext(known, clock.now(), unfit);
  };

  const gate = (account: string) =>
    env.PROVIDER_ACCOUNT.getByName(account) as unknown as ProviderAccountStub;
  const drainDeps: DrainDeps = {
    keys,
    clock,
    queues,
    version,
    wake,
    wakeAt,
    logError,
    now: clock.now,
    wait: parts.wait,
    pause: () => parts.rightOfWay.pause(),
    giveWay: parts.giveWay,
    isBusy: () => parts.rightOfWay.isBusy,
    urgent,
    newClaim: () => `${process}.${claims++}`,
    accounts: async () => (await configuration()).accounts,
    number: (name) => env.PHONE.getByName(name) as unknown as NumberGate,
    gate,
    async forgetLater(numbers) {
      const at = clock.now() + TEXTS_KEPT;
      await forgetterOf(env, Math.floor(parts.random() * FORGETTERS)).visit(numbers, at);
    },
    policies: parts.compliance.policies,
    openTimes: parts.compliance.openTimes,
    random: parts.random,
    callbackUrl: (account) => callbackUrls(env.PUBLIC_ORIGIN, account).receipts,
    async stopOf(row, provider) {
      const { flags, stoppedCampaigns } = await configuration();
      const stopped = row.campaign === null ? undefined : stoppedCampaigns.get(row.campaign);
      if (stopped) return stopOfCampaign(stopped);
      return stopOf(flags, row) ?? (provider && stopOfProvider(flags, provider));
    },
    submit: (account, submissions) =>
      submitBatch(vendors, account, submissions, { timeoutMs: TIMEOUT_MS }),
    async reroute(row) {
      const now = await configuration();
      const found = await version(row.template, row.templateVersion);
      if (!found) return [];
      const to = keys.unseal(row.toSealed, sealedIn("to", row.id));
      const text = keys.unseal(row.textSealed, sealedIn("text", row.id));
      const planned = planRoute(
        {
          routes: now.routes,
          accounts: now.accounts,
          template: {
            category: row.category,
            channel: "sms",
            bindings: filedAs(found.bindings, text, {
              region: regionOf(row.country),
              usual: parts.compliance.frameOf(now)(
                row.storefront,
                usualOf(row.country),
                found.body,
              ),
            }),
          },
          to,
          country: row.country,
          numberKey: numberKey(keys, to),
          segments: row.segments ?? 1,
          length: text.length,
        },
        routeContext(now),
      );
      return planned.accounts.map((account) => account.id);
    },
  };

  /** Texts of test keys: they meet no number and no account that live ones go by. */
  const sandboxDeps: DrainDeps = {
    ...drainDeps,
    keys: sandboxKeys(keys),
    stopOf: async () => null,
    policies: async () => () => UNRULED,
    accounts: async () => [SANDBOX_ACCOUNT],
    reroute: async () => [SANDBOX_ACCOUNT.id],
    async version(template, wanted) {
      const found = await version(template, wanted);
      return found && { ...found, bindings: SANDBOX_BINDINGS };
    },
    submit: (_account, _submissions, letters) =>
      parts.sandbox.deliver(
        letters.map(({ row: { id, storefront, category }, to, submission: { text } }) => {
          return { id, storefront, category, verification: null, to, text };
        }),
      ),
  };

  const sweepDeps: SweepDeps = {
    keys,
    clock,
    queues,
    unsettled: logs.map((binding) => new UnsettledShard(binding)),
    wake,
    livingClaims: parts.onlyProcess ? `${process}.*` : null,
    accounts: drainDeps.accounts,
    ask: (account, sent) => askProvider(vendors, account, sent, { timeoutMs: TIMEOUT_MS }),
    async noteRefusals(queue) {
      const shard = refusals[queue];
      const { permissions } = parts.compliance;
      if (shard) await noteRefusals({ permissions, enter: parts.enter, logError }, shard);
    },
  };

  const optOuts = wireOptOuts(parts);

  return {
    queues,
    wake,
    wakeAt,
    /** What accepting messages takes, with the configuration of this moment. */
    accepting: (now: Configuration): AcceptDeps => ({
      keys,
      clock,
      randomBytes,
      shards: queues.length,
      senders: now.senders,
      templates: now.templates,
      accounts: now.accounts,
      routes: now.routes,
      routeContext: routeContext(now),
      frameOf: parts.compliance.frameOf(now),
      people: parts.people,
      ...parts.personal,
      contentRulesOf: (storefront) => parts.contentRulesOf(now, storefront),
      store: async (shard, rows) => (await queues[shard]?.insert(rows)) ?? new Map(),
      wake,
      wakeAt,
      pause: drainDeps.pause,
    }),
    accountState: (account: Account) => gate(account.id).state(rateOf(account)),
    async sweep(): Promise<number | null> {
      if (!parts.isOpen) return null;
      const due = [await sweep(sweepDeps), await optOuts.tell()].filter((at) => at !== null);
      return due.length > 0 ? Math.min(...due) : null;
    },
    /** Takes a batch of wake-ups of one queue; those for the same rows are one. */
    async consume(batch: MessageBatch<WakeUp>): Promise<void> {
      for (const provider of new Set(batch.messages.map(({ body }) => body.provider))) {
        if (!queueOwners.includes(provider)) continue;
        try {
          await drain(provider === sandboxProvider.id ? sandboxDeps : drainDeps, { provider });
        } catch (error) {
          // The rows are in the database: the sweeper wakes them again.
          logError("drain-failed", error);
        }
      }
    },
  };
}
