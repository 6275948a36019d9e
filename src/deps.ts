import { Buffer } from "node:buffer";
import { rootKeyAuthenticator } from "./access/authenticate.ts";
import type { IdempotencyStub } from "./api/idempotency-shard.ts";
import type { Services } from "./api/services.ts";
import { type Config, readConfig } from "./config.ts";
import { openDatabase } from "./db/client.ts";
import { raiseVersion, Snapshot } from "./db/snapshot.ts";
import { Gatherer } from "./lib/gather.ts";
import { openKeys } from "./lib/keys.ts";
import { offsetClock, SECOND } from "./lib/time.ts";
import { MessageLog, shardOf } from "./messages/log.ts";
import { providers } from "./providers/registry.ts";
import { submit } from "./providers/submit.ts";
import type { HeldReceipt } from "./receipts/apply-receipt.ts";
import { HealthBook } from "./routing/health.ts";
import { listAccounts, readRoutes } from "./routing/store.ts";
import { listSenders } from "./senders/store.ts";
import { listStorefronts } from "./storefronts/store.ts";
import { listTemplates } from "./templates/store.ts";
import { type Candidate, codeCandidates } from "./verifications/candidate.ts";
import type { LoggedRow, PhoneNumberDeps } from "./verifications/phone-number.ts";
import type { PhoneNumberStub } from "./verifications/plan.ts";
import { defaultSettings, type VerificationSettings } from "./verifications/settings.ts";
import { listVerificationSettings, replaceVerificationSettings } from "./verifications/store.ts";

/** A code that takes longer than this is no use to the person who waits for it. */
const OTP_TIMEOUT_MS = 3 * SECOND;

/** What the log's readers may lag behind, and what makes many rows one call and one statement. */
const LOG_GATHER_MS = 150;

/** Drawn from the system in one go and handed out in parts: a call of its own costs more than its bytes. */
const POOL_BYTES = 4096;
let pool = new Uint8Array();
let drawn = 0;

function randomBytes(length: number): Uint8Array {
  if (drawn + length > pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(Math.max(POOL_BYTES, length)));
    drawn = 0;
  }
  const part = pool.slice(drawn, drawn + length);
  // What was handed out is not kept.
  pool.fill(0, drawn, drawn + length);
  drawn += length;
  return part;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** One line of JSON. Callers pass no number, code or credential. */
function logError(event: string, error: unknown): void {
  const facts = error instanceof Error ? { name: error.name, message: error.message } : error;
  console.error(JSON.stringify({ event, ...(facts as object) }));
}

async function loadConfiguration(
  db: ReturnType<typeof openDatabase>,
  keys: ReturnType<typeof openKeys>,
) {
  const [storefronts, senders, templates, accounts, routes, verificationSettings] =
    await Promise.all([
      listStorefronts(db),
      listSenders(db),
      listTemplates(db),
      listAccounts(db, keys),
      readRoutes(db),
      listVerificationSettings(db),
    ]);
  return { storefronts, senders, templates, accounts, routes, verificationSettings };
}

type Configuration = Awaited<ReturnType<typeof loadConfiguration>>;

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
  const health = new HealthBook();
  const stamp = () => ({
    now: new Date(clock.now()),
    nonce: hex(randomBytes(32)),
  });

  const settingsIn = (configuration: Configuration, storefront: string): VerificationSettings => {
    const own = configuration.storefronts.find((one) => one.id === storefront);
    return (
      configuration.verificationSettings.get(storefront) ??
      defaultSettings(own ? [own.defaultCountry] : [])
    );
  };

  const services = (configuration: Configuration): Services => ({
    keys,
    clock,
    health,
    log,
    ...configuration,
    // One generated stub type a call would cost more to check than the interface is worth.
    phone: (name) => env.PHONE.getByName(name) as unknown as PhoneNumberStub,
    settingsOf: (storefront) => settingsIn(configuration, storefront),
    async changeSettings(storefront, change) {
      const stored = await loadConfiguration(db, keys);
      const changed = change(settingsIn(stored, storefront));
      await db.batch([replaceVerificationSettings(db, storefront, changed), raiseVersion(db)]);
      snapshot.forget();
      return changed;
    },
  });

  const submitCode = (candidate: Candidate, submission: Parameters<typeof submit>[2]) => {
    const provider = providers[candidate.provider];
    if (!provider) throw new Error(`no provider ${candidate.provider}`);
    return submit({ fetch, stamp }, { ...candidate, provider }, submission, {
      timeoutMs: OTP_TIMEOUT_MS,
    });
  };

  const logGatherers = log.shards.map(
    (_, shard) =>
      new Gatherer<string>(
        (records) => env.LOG_WRITER.getByName(`log-${shard}`).append(records),
        { waitMs: LOG_GATHER_MS, most: 500 },
        Date.now,
      ),
  );
  const writeLog = async (rows: readonly LoggedRow[]): Promise<void> => {
    await Promise.all(
      logGatherers.map((gatherer, shard) => {
        const own = rows.filter((row) => shardOf(row.id, log.shards.length) === shard);
        return own.length > 0 ? gatherer.add(own.map((row) => row.record)) : undefined;
      }),
    );
  };

  const phoneNumber: PhoneNumberDeps = {
    keys,
    clock,
    randomBytes,
    submit: submitCode,
    log: writeLog,
    logError,
    async replan(record, code) {
      const configuration = await snapshot.get((work) => void work);
      const template = configuration.templates.find((one) => one.id === record.template);
      if (!template) return null;
      const candidates = codeCandidates(
        {
          ...configuration,
          template,
          country: record.country,
          code: { length: code.length, digitsOnly: /^\d+$/.test(code) },
        },
        () => false,
      );
      return { body: template.body, candidates };
    },
  };

  return {
    config,
    keys,
    clock,
    db,
    snapshot,
    log,
    health,
    stamp,
    randomBytes,
    logError,
    phoneNumber,
    api: {
      authenticate: rootKeyAuthenticator(config.ROOT_KEY),
      rootKey: config.ROOT_KEY,
      keys,
      randomId: () => hex(randomBytes(12)),
      idempotency: (shard: string) =>
        env.IDEMPOTENCY.getByName(shard) as unknown as IdempotencyStub,
      async open(later: (work: Promise<unknown>) => void) {
        const configuration = await snapshot.get(later);
        return { services: services(configuration), storefronts: configuration.storefronts };
      },
    },
    webhooks: {
      keys,
      now: clock.now,
      logError,
      keep: async (shard: number, receipts: readonly HeldReceipt[]) => {
        await env.RECEIPT_INBOX.getByName(`inbox-${shard}`).keep([...receipts]);
      },
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
