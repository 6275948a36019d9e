import { Buffer } from "node:buffer";
import { authenticator } from "./access/authenticate.ts";
import type { Principal } from "./access/principal.ts";
import type { IdempotencyStub } from "./api/idempotency-shard.ts";
import type { Services } from "./api/services.ts";
import type { AuditLogStub } from "./audit/audit-log.ts";
import { openTrail } from "./audit/trail.ts";
import { type Config, readConfig } from "./config.ts";
import { openDatabase } from "./db/client.ts";
import { raiseVersion, Snapshot } from "./db/snapshot.ts";
import { ulid } from "./lib/id.ts";
import { openKeys, sandboxKeys } from "./lib/keys.ts";
import { randomBytes } from "./lib/random.ts";
import { readLocalTargets } from "./lib/target.ts";
import { offsetClock } from "./lib/time.ts";
import { MessageLog } from "./messages/log.ts";
import type { SubmitDeps } from "./providers/submit.ts";
import type { HeldReceipt } from "./receipts/apply-receipt.ts";
import { inboxOf } from "./receipts/receive.ts";
import { type HeldReply, storeReplies } from "./receipts/store.ts";
import { routingChanges } from "./routing/change-routing.ts";
import { HealthBook } from "./routing/health.ts";
import { ScoreBook, type ScoreStore } from "./routing/scores.ts";
import { loadScores, saveScores } from "./routing/store.ts";
import type { PhoneNumberStub } from "./verifications/plan.ts";
import { defaultSettings, type VerificationSettings } from "./verifications/settings.ts";
import { replaceVerificationSettings } from "./verifications/store.ts";
import { wireAbuse } from "./wiring/abuse.ts";
import { wireCodes } from "./wiring/codes.ts";
import { type Configuration, loadConfiguration } from "./wiring/configuration.ts";
import { wireDispatch } from "./wiring/dispatch.ts";
import { wireSandbox } from "./wiring/sandbox.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** One line of JSON. Callers pass no number, code or credential. */
function logError(event: string, error: unknown): void {
  const facts = error instanceof Error ? { name: error.name, message: error.message } : error;
  console.error(JSON.stringify({ event, ...(facts as object) }));
}

function openLog(env: Env): MessageLog {
  return new MessageLog([env.LOG_0, env.LOG_1]);
}

function compose(env: Env) {
  const config: Config = readConfig(env);
  const clock = offsetClock(config.CLOCK_OFFSET_SECONDS, Date.now);
  const keys = openKeys(
    { identityKey: config.IDENTITY_KEY, dataKeys: config.DATA_KEYS },
    randomBytes,
  );
  const db = openDatabase(env.DB);
  const snapshot = new Snapshot<Configuration>(db, () => loadConfiguration(db, keys), Date.now);
  const log = openLog(env);
  const audit = openTrail({
    log: () => env.AUDIT_LOG.getByName("audit") as unknown as AuditLogStub,
    checkpoints: env.AUDIT_CHECKPOINTS,
    keys,
  });
  const health = new HealthBook();
  const scores = new ScoreBook();
  const scoreStore: ScoreStore = {
    save: (changes) => saveScores(db, changes),
    load: () => loadScores(db, clock.now()),
  };
  const routing = routingChanges({
    db,
    keys,
    now: clock.now,
    randomBytes,
    changed: () => snapshot.forget(),
  });
  const stamp = () => ({
    now: new Date(clock.now()),
    nonce: hex(randomBytes(32)),
  });
  const vendors: SubmitDeps = {
    fetch: (url, init) => fetch(url, init),
    stamp,
    relays: config.RELAY_SECRET
      ? {
          secret: config.RELAY_SECRET,
          stamp: () => ({ now: new Date(Date.now()), nonce: stamp().nonce }),
        }
      : null,
  };

  const settingsIn = (configuration: Configuration, storefront: string): VerificationSettings => {
    const own = configuration.storefronts.find((one) => one.id === storefront);
    return (
      configuration.verificationSettings.get(storefront) ??
      defaultSettings(own ? [own.defaultCountry] : [])
    );
  };

  const changed = () => snapshot.forget();

  const keepReceipts = async (inbox: number, receipts: readonly HeldReceipt[]): Promise<void> => {
    await env.RECEIPT_INBOX.getByName(`inbox-${inbox}`).keep([...receipts]);
  };
  const sandbox = wireSandbox({
    db,
    keys,
    clock,
    logError,
    keepReceipts: (receipts) => keepReceipts(inboxOf(receipts), receipts),
  });

  const abuse = wireAbuse({
    env,
    db,
    keys,
    clock,
    config,
    log,
    fetch: vendors.fetch,
    wait: (ms) => scheduler.wait(ms),
    configuration: () => snapshot.get((work) => void work),
    reload: () => loadConfiguration(db, keys),
    changed,
    logError,
  });

  const dispatch = wireDispatch({
    env,
    keys,
    clock,
    db,
    health,
    scores,
    isOpen: config.STAGE === "open",
    onlyProcess: config.RUNS_ON === "local",
    random: Math.random,
    wallClock: Date.now,
    wait: (ms) => scheduler.wait(ms),
    randomBytes,
    vendors,
    sandbox,
    configuration: () => snapshot.get((work) => void work),
    logError,
  });

  /** What filing templates and asking for their reviews takes. */
  const reviewing = (configuration: Configuration) => ({
    ...vendors,
    db,
    changed,
    accounts: configuration.accounts,
    senders: configuration.senders,
  });

  const services = (
    configuration: Configuration,
    later: (work: Promise<unknown>) => void,
  ): Services => ({
    keys,
    sandbox: false,
    clock,
    health,
    scores,
    random: Math.random,
    log,
    audit,
    routing,
    publicOrigin: config.PUBLIC_ORIGIN,
    localTargets: readLocalTargets(config.ALLOW_LOCAL_TARGETS),
    randomBytes,
    newId: (prefix) => `${prefix}_${ulid(clock.now(), randomBytes(10))}`,
    submit: (account, text) => codes.submit(account, text),
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
    wait: (ms) => scheduler.wait(ms),
    // One generated stub type a call would cost more to check than the interface is worth.
    phone: (name) => env.PHONE.getByName(name) as unknown as PhoneNumberStub,
    ...abuse.services(configuration, later),
    settingsOf: (storefront) => settingsIn(configuration, storefront),
    async changeSettings(storefront, change) {
      const stored = await loadConfiguration(db, keys);
      const changed = change(settingsIn(stored, storefront));
      await db.batch([replaceVerificationSettings(db, storefront, changed), raiseVersion(db)]);
      snapshot.forget();
      return changed;
    },
  });

  /** A test key's: with names, accounts and texts of the sandbox, and without a way to vendors. */
  const sandboxServices = async (
    configuration: Configuration,
    later: (work: Promise<unknown>) => void,
  ): Promise<Services> => ({
    ...services(await sandbox.configuration(configuration), later),
    keys: sandboxKeys(keys),
    sandbox: true,
    fetch: () => Promise.reject(new Error("a test key reaches no vendor")),
    submit: () => Promise.reject(new Error("a test key reaches no vendor")),
  });

  /** Exchanges what was learned with the database behind the answer, once a minute. */
  const keepScores = (later: (work: Promise<unknown>) => void): void => {
    if (!scores.isDue(clock.now())) return;
    const failed = (error: unknown) => logError("scores-not-synced", error);
    later(scores.sync(scoreStore, clock.now()).catch(failed));
  };

  const codes = wireCodes({
    env,
    keys,
    clock,
    log,
    health,
    scores,
    vendors,
    sandbox,
    wallClock: Date.now,
    randomBytes,
    noteCheck: abuse.noteCheck,
    configuration: () => snapshot.get((work) => void work),
    logError,
  });

  return {
    config,
    keys,
    clock,
    db,
    snapshot,
    log,
    audit,
    health,
    scores,
    keepScores,
    noteEnd: codes.noteEnd,
    stamp,
    randomBytes,
    logError,
    tellOperators: abuse.tellOperators,
    phoneNumber: codes.phoneNumber,
    dispatch,
    sandbox,
    api: {
      authenticate: authenticator(config.ROOT_KEY),
      trustedProxy: config.TRUSTED_PROXY,
      now: clock.now,
      rootKey: config.ROOT_KEY,
      keys,
      audit,
      logError,
      randomId: () => hex(randomBytes(12)),
      idempotency: (shard: string) =>
        env.IDEMPOTENCY.getByName(shard) as unknown as IdempotencyStub,
      async open(later: (work: Promise<unknown>) => void) {
        const configuration = await snapshot.get(later);
        keepScores(later);
        const open = (principal: Principal) =>
          (principal.mode === "test" ? sandboxServices : services)(configuration, later);
        const { apiKeys, storefronts } = configuration;
        return { apiKeys, storefronts, services: open };
      },
    },
    /** For the minute's work. */
    reviews: async (later: (work: Promise<unknown>) => void) =>
      reviewing(await snapshot.get(later)),
    webhooks: {
      keys,
      now: clock.now,
      logError,
      keep: keepReceipts,
      keepReplies: (replies: readonly HeldReply[]) => storeReplies(env.DB, replies),
      publicOrigin: new URL(config.PUBLIC_ORIGIN).origin,
      accounts: async (later: (work: Promise<unknown>) => void) =>
        (await snapshot.get(later)).accounts,
    },
    /** Throws when a binding that every request needs does not answer. */
    async ping() {
      await Promise.all([
        env.DB.prepare("SELECT 1").first(),
        ...log.shards.map((shard) => shard.ping()),
      ]);
    },
  };
}

export type Deps = ReturnType<typeof compose>;

let composed: Deps | null = null;

/** Everything wired, once an isolate. */
export function depsOf(env: Env): Deps {
  composed ??= compose(env);
  return composed;
}
