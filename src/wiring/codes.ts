import { stopOf } from "../flags/flags.ts";
import { Gatherer } from "../lib/gather.ts";
import type { Keys } from "../lib/keys.ts";
import { type Clock, SECOND } from "../lib/time.ts";
import { type LoggedMessage, type MessageLog, shardOf } from "../messages/log.ts";
import { sealedIn } from "../messages/message.ts";
import type { Submission } from "../providers/provider.ts";
import { providers } from "../providers/registry.ts";
import { sandbox as sandboxProvider } from "../providers/sandbox.ts";
import { type SubmitDeps, submit } from "../providers/submit.ts";
import type { Account } from "../routing/account.ts";
import { carrierOf } from "../routing/carriers.ts";
import type { HealthBook } from "../routing/health.ts";
import { explainingContext, numberKey } from "../routing/route-context.ts";
import type { ScoreBook } from "../routing/scores.ts";
import { SANDBOX_ACCOUNT } from "../sandbox/world.ts";
import { codeCandidates } from "../verifications/candidate.ts";
import type { LoggedRow } from "../verifications/outbox.ts";
import type { PhoneNumberDeps } from "../verifications/phone-number.ts";
import type { Configuration } from "./configuration.ts";
import type { Sandbox } from "./sandbox.ts";

/** A code that takes longer than this is no use to the person who waits for it. */
const OTP_TIMEOUT_MS = 3 * SECOND;

/** A row that comes alone is soon in the log; those of a stream once a second. */
const LOG_GATHER = { waitMs: 100, spacingMs: SECOND, most: 500 };

interface Parts {
  readonly env: Pick<Env, "LOG_WRITER">;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly isOpen: boolean;
  readonly log: MessageLog;
  readonly health: HealthBook;
  readonly scores: ScoreBook;
  readonly vendors: SubmitDeps;
  readonly sandbox: Sandbox;
  readonly wallClock: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly noteCheck: PhoneNumberDeps["noteCheck"];
  /** Told of each code that ended, for figures of its hour. */
  readonly noteCode: PhoneNumberDeps["noteEnd"];
  readonly configuration: () => Promise<Configuration>;
  readonly logError: (event: string, error: unknown) => void;
}

/** A number's object and its way to the vendors and to the log, wired together. */
export function wireCodes(parts: Parts) {
  const { env, keys, clock, log, health, scores, vendors, sandbox } = parts;

  /** What became of a text teaches the routes; the number's carrier is part of the lesson. */
  const noteEnd = (
    text: Pick<LoggedMessage, "id" | "toSealed" | "account" | "country" | "category">,
    good: boolean,
  ): void => {
    const { account, country, category } = text;
    if (account === null || account === SANDBOX_ACCOUNT.id) return;
    const carrier = carrierOf(keys.unseal(text.toSealed, sealedIn("to", text.id)))?.carrier ?? null;
    scores.note({ account, country, carrier, category }, good, clock.now());
  };

  const submitCode: PhoneNumberDeps["submit"] = async (candidate, submission, record) => {
    if (candidate.provider === sandboxProvider.id) {
      const { id, storefront, category, verification } = record;
      const { to, text } = submission;
      const kept = { id, storefront, category, verification, to, text };
      const [outcome] = await sandbox.deliver([kept]);
      if (!outcome) throw new Error("the sandbox gave no outcome");
      return outcome;
    }
    const provider = providers[candidate.provider];
    if (!provider) throw new Error(`no provider ${candidate.provider}`);
    return submit(vendors, { ...candidate, provider }, submission, {
      timeoutMs: OTP_TIMEOUT_MS,
    });
  };

  const logGatherers = log.shards.map(
    (_, shard) =>
      new Gatherer<string>(
        (records) => env.LOG_WRITER.getByName(`log-${shard}`).append(records),
        LOG_GATHER,
        parts.wallClock,
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
    isOpen: parts.isOpen,
    random: parts.random,
    randomBytes: parts.randomBytes,
    submit: submitCode,
    log: writeLog,
    noteEnd(record, approved) {
      noteEnd(record, approved);
      parts.noteCode(record, approved);
    },
    noteCheck: parts.noteCheck,
    logError: parts.logError,
    async replan(record, code) {
      const live = await parts.configuration();
      const isTest = record.provider === sandboxProvider.id;
      const configuration = isTest ? await sandbox.configuration(live) : live;
      const template = configuration.templates.find((one) => one.id === record.template);
      if (!template || (!isTest && stopOf(live.flags, record))) return null;
      const to = keys.unseal(record.toSealed, sealedIn("to", record.id));
      const { candidates } = codeCandidates(
        {
          ...configuration,
          template,
          to,
          country: record.country,
          numberKey: numberKey(keys, to),
          code: { length: code.length, digitsOnly: /^\d+$/.test(code) },
        },
        (unfit) => explainingContext({ ...configuration, health, scores }, clock.now(), unfit),
      );
      return { body: template.body, candidates };
    },
  };

  return {
    noteEnd,
    phoneNumber,
    /** Hands one text to one account, once. */
    submit: (account: Account, text: Submission) =>
      submit(vendors, account, text, { timeoutMs: OTP_TIMEOUT_MS }),
  };
}
