import { Buffer } from "node:buffer";
import { authenticator } from "./access/authenticate.ts";
import type { Principal } from "./access/principal.ts";
import type { IdempotencyStub } from "./api/idempotency-shard.ts";
import { PushedBodies } from "./api/pushed-body.ts";
import type { AuditLogStub } from "./audit/audit-log.ts";
import { openTrail } from "./audit/trail.ts";
import { type Config, readConfig } from "./config.ts";
import { openDatabase } from "./db/client.ts";
import { Snapshot } from "./db/snapshot.ts";
import { type IdPrefix, ulid } from "./lib/id.ts";
import { openKeys } from "./lib/keys.ts";
import { randomBytes } from "./lib/random.ts";
import { RightOfWay } from "./lib/right-of-way.ts";
import { offsetClock } from "./lib/time.ts";
import { MessageLog } from "./messages/log.ts";
import type { SubmitDeps } from "./providers/submit.ts";
import { inboxOf } from "./receipts/receive.ts";
import { routingChanges } from "./routing/change-routing.ts";
import { HealthBook } from "./routing/health.ts";
import { ScoreBook, type ScoreStore } from "./routing/scores.ts";
import { loadScores, saveScores } from "./routing/store.ts";
import { wireAbuse } from "./wiring/abuse.ts";
import { wireAudience } from "./wiring/audience.ts";
import { watchBrowserKeys } from "./wiring/browser-keys.ts";
import { wireCampaigns } from "./wiring/campaigns.ts";
import { wireCodes } from "./wiring/codes.ts";
import { wireCompliance } from "./wiring/compliance.ts";
import { type Configuration, loadConfiguration } from "./wiring/configuration.ts";
import { wireContacts } from "./wiring/contacts.ts";
import { wireDispatch } from "./wiring/dispatch.ts";
import { wireFlags } from "./wiring/flags.ts";
import { wireInbox } from "./wiring/inbox.ts";
import { wireInsight } from "./wiring/insight.ts";
import { wireKeys } from "./wiring/keys.ts";
import { wireLedger } from "./wiring/ledger.ts";
import { wireLinks } from "./wiring/links.ts";
import { wirePeople } from "./wiring/people.ts";
import { wirePrivacy } from "./wiring/privacy.ts";
import { wireReceipts } from "./wiring/receipts.ts";
import { wireSandbox } from "./wiring/sandbox.ts";
import { wireContent } from "./wiring/screening.ts";
import { wireServices } from "./wiring/services.ts";
import { wireSettings } from "./wiring/settings.ts";
import { targetRules } from "./wiring/targets.ts";
import { wireTriggers } from "./wiring/triggers.ts";
import { wireWebhooks } from "./wiring/webhooks.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** One line of JSON. Callers pass no number, code or credential. */
function logError(event: string, error: unknown): void {
  const toFacts = ({ name, message }: Error) => ({
    name,
    // A failed query's second line holds its values.
    message: message.split("\n", 1)[0],
  });
  const facts = error instanceof Error ? toFacts(error) : (error as object);
  console.error(JSON.stringify({ event, ...facts }));
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
  const log = new MessageLog([env.LOG_0, env.LOG_1]);
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
  const newId = (prefix: IdPrefix): string => `${prefix}_${ulid(clock.now(), randomBytes(10))}`;
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

  const changed = () => snapshot.forget();
  const configuration = () => snapshot.get((work) => void work);
  const wait = (ms: number): Promise<void> => scheduler.wait(ms);
  const { random } = Math;
  /** Codes have it, bulk gives way. */
  const rightOfWay = new RightOfWay(Date.now, wait);
  const giveWay = () => rightOfWay.give();
  const base = { env, db, keys, clock, wait, random, configuration, giveWay, logError };
  const receipts = wireReceipts({ ...base, wallClock: Date.now });

  const sandbox = wireSandbox({
    db,
    keys,
    clock,
    logError,
    keepReceipts: (held) => receipts.keep(inboxOf(held), held),
  });

  const abuse = wireAbuse({
    ...base,
    config,
    log,
    fetch: vendors.fetch,
    newId,
    changed,
  });

  const compliance = wireCompliance({
    ...base,
    newId,
    changed,
  });

  const contacts = wireContacts({ ...base, newId, ...compliance });
  const audience = wireAudience({
    ...base,
    publish: (storefront, events) => triggers.publish(storefront, events),
  });
  const content = wireContent({ ...base, changed });

  const insight = wireInsight({ ...base, tellOperators: abuse.tellOperators });
  const ledger = wireLedger({ ...base, newId, changed, tellOperators: abuse.tellOperators });
  const links = wireLinks({ ...base, config, log, randomBytes, newId, wallClock: Date.now });

  const dispatch = wireDispatch({
    ...base,
    rightOfWay,
    health,
    scores,
    isOpen: config.STAGE === "open",
    onlyProcess: config.RUNS_ON === "local",
    wallClock: Date.now,
    randomBytes,
    vendors,
    sandbox,
    compliance,
    enter: audit.append,
    people: compliance.people,
    personal: links.personal,
    contentRulesOf: content.rulesOf,
  });

  const campaigns = wireCampaigns({
    ...base,
    isOpen: config.STAGE === "open",
    compliance,
    accepting: dispatch.accepting,
    changed,
  });

  const apiKeys = wireKeys({
    ...base,
    changed,
    rootKey: config.ROOT_KEY,
    enter: audit.append,
    tellOperators: abuse.tellOperators,
  });
  const noteBrowser = watchBrowserKeys({ ...base, config, audit, tell: abuse.tellOperators });
  const flags = wireFlags({
    ...base,
    queues: dispatch.queues,
    wake: dispatch.wake,
    changed,
  });

  const privacy = wirePrivacy({ ...base, log, newId });

  const targets = targetRules(config, vendors.fetch);
  const webhooks = wireWebhooks({
    ...base,
    targets,
    audit,
    wallClock: Date.now,
    isOpen: config.STAGE === "open",
    fetch: vendors.fetch,
    tellOperators: abuse.tellOperators,
  });

  const codes = wireCodes({
    ...base,
    isOpen: config.STAGE === "open",
    log,
    health,
    scores,
    vendors,
    sandbox,
    wallClock: Date.now,
    randomBytes,
    noteCheck: abuse.noteCheck,
    noteCode: insight.noteCode,
  });

  const settings = wireSettings({ db, changed });

  const worlds = wireServices({
    env,
    config,
    db,
    keys,
    clock,
    health,
    scores,
    log,
    audit,
    routing,
    targets,
    vendors,
    random,
    wait,
    randomBytes,
    newId,
    changed,
    snapshot,
    sandbox,
    abuse,
    compliance,
    contacts,
    audience,
    campaigns,
    content,
    dispatch,
    flags,
    insight,
    ledger,
    links,
    privacy,
    webhooks,
    codes,
    settings,
    triggers: () => triggers.ways,
  });
  const triggers = wireTriggers({
    ...base,
    ...audience,
    open: worlds.open,
    customers: {
      permissions: compliance.permissions,
      upsert: contacts.ways.upsert,
      enter: audit.append,
    },
  });
  const inbox = wireInbox({
    ...base,
    log,
    newId,
    permissions: compliance.permissions,
    policies: compliance.policies,
    accepting: dispatch.accepting,
    noteReply: audience.noteReply,
    triggers: (later) => worlds.open(false, later),
  });

  /** Exchanges what was learned with the database behind the answer, once a minute. */
  const keepScores = (later: (work: Promise<unknown>) => void): void => {
    insight.keep(later);
    if (!scores.isDue(clock.now())) return;
    const failed = (error: unknown) => logError("scores-not-synced", error);
    later(scores.sync(scoreStore, clock.now()).catch(failed));
  };

  const people = wirePeople({
    config,
    db,
    keys,
    now: clock.now,
    randomBytes,
    audit,
    logError,
    trustedProxy: config.TRUSTED_PROXY,
    fetch: vendors.fetch,
  });

  return {
    config,
    keys,
    clock,
    db,
    snapshot,
    log,
    receiptLog: receipts.log,
    audit,
    health,
    scores,
    keepScores,
    noteEnd: codes.noteEnd,
    noteReceipt: abuse.noteReceipt,
    stamp,
    randomBytes,
    logError,
    tellOperators: abuse.tellOperators,
    phoneNumber: codes.phoneNumber,
    warnOfExpiry: apiKeys.warnOfExpiry,
    dispatch,
    insight,
    ledger,
    links,
    privacy,
    sandbox,
    triggers,
    audience,
    campaigns,
    inbox,
    people,
    contacts,
    api: {
      authenticate: authenticator(config.ROOT_KEY),
      trustedProxy: config.TRUSTED_PROXY,
      ...apiKeys.calling,
      noteBrowser,
      now: clock.now,
      rootKey: config.ROOT_KEY,
      findPerson: people.findPerson,
      keys,
      audit,
      rightOfWay,
      logError,
      randomId: () => hex(randomBytes(12)),
      idempotency: (shard: string) =>
        env.IDEMPOTENCY.getByName(shard) as unknown as IdempotencyStub,
      async open(later: (work: Promise<unknown>) => void) {
        const configuration = await snapshot.get(later);
        keepScores(later);
        const open = (principal: Principal) =>
          worlds.of(principal.mode === "test", configuration, later);
        const { apiKeys, storefronts } = configuration;
        return { apiKeys, storefronts, services: open };
      },
    },
    bodies: new PushedBodies({ now: clock.now, wait, trustedProxy: config.TRUSTED_PROXY }),
    webhookEndpoints: webhooks,
    /** For the minute's work. */
    reviews: async (later: (work: Promise<unknown>) => void) =>
      worlds.reviewing(await snapshot.get(later)),
    webhooks: {
      keys,
      now: clock.now,
      logError,
      keep: receipts.keep,
      keepReplies: inbox.keep,
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
