import type { AbuseGuardStub } from "../compliance/abuse-guard.ts";
import { RefusalBook } from "../compliance/refusals/book.ts";
import { addRefusals, insertRefusals } from "../compliance/refusals/store.ts";
import { type AbuseRules, defaultAbuseRules } from "../compliance/rules.ts";
import { readAbuseRules, replaceAbuseRules, withDefaultRules } from "../compliance/store.ts";
import { readTurnstile, SITEVERIFY, type TurnstileAbout } from "../compliance/turnstile.ts";
import { AbuseWatch } from "../compliance/watch.ts";
import type { Config } from "../config.ts";
import { changeStored } from "../db/change-stored.ts";
import type { Database } from "../db/client.ts";
import type { IdPrefix } from "../lib/id.ts";
import type { Keys } from "../lib/keys.ts";
import type { Clock } from "../lib/time.ts";
import { type MessageLog, shardOf } from "../messages/log.ts";
import { sealedIn, type TraceStep } from "../messages/message.ts";
import type { RejectReason } from "../providers/provider.ts";
import { sandbox as sandboxProvider } from "../providers/sandbox.ts";
import type { ReceiptInboxDeps } from "../receipts/inbox.ts";
import { SANDBOX_ACCOUNT } from "../sandbox/world.ts";
import { subjectsOf } from "../verifications/guard-send.ts";
import type { PhoneNumberDeps } from "../verifications/phone-number.ts";
import { phoneObjectName } from "../verifications/verification-id.ts";
import type { Configuration } from "./configuration.ts";

interface Parts {
  readonly env: Pick<Env, "ABUSE_GUARD">;
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly config: Config;
  readonly log: MessageLog;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly wait: (ms: number) => Promise<unknown>;
  readonly configuration: () => Promise<Configuration>;
  readonly changed: () => void;
  readonly newId: (prefix: IdPrefix) => string;
  readonly logError: (event: string, error: unknown) => void;
}

/** A row reaches the log behind its answer: when its trace is looked for, and how often. */
const EXPLAIN_AFTER_MS = 500;
const EXPLAIN_TRIES = 5;

/** What a receipt says of a number that no code can reach. */
const NO_SUCH_NUMBER: ReadonlySet<string> = new Set<RejectReason>([
  "invalid-number",
  "unreachable-number",
  "blocked-number",
]);

const rulesIn = (configuration: Pick<Configuration, "abuseRules">, storefront: string) =>
  configuration.abuseRules.get(storefront) ?? defaultAbuseRules;

/** The abuse rules, their guards and their challenges, wired together. */
export function wireAbuse(parts: Parts) {
  const { env, db, keys, clock, config, log, logError } = parts;

  async function explain(steps: readonly { readonly id: string; readonly step: TraceStep }[]) {
    let left = steps;
    for (let tries = 0; left.length > 0 && tries < EXPLAIN_TRIES; tries++) {
      await parts.wait(EXPLAIN_AFTER_MS);
      const late = await Promise.all(
        log.shards.map(async (shard, index) => {
          const own = left.filter((one) => shardOf(one.id, log.shards.length) === index);
          if (own.length === 0) return [];
          const { messages } = await shard.candidates(
            own.map((one) => one.id),
            [],
          );
          const there = new Set(messages.map((message) => message.id));
          await shard.explain(own.filter((one) => there.has(one.id)));
          return own.filter((one) => !there.has(one.id));
        }),
      );
      left = late.flat();
    }
  }

  const watch = new AbuseWatch({
    // One generated stub type a call would cost more to check than the interface is worth.
    guard: (storefront) => env.ABUSE_GUARD.getByName(storefront) as unknown as AbuseGuardStub,
    explain,
    now: clock.now,
    logError,
  });

  const refusals = new RefusalBook({
    keep: (storefront, rows) =>
      insertRefusals({ db, keys, newId: () => parts.newId("rfs") }, storefront, rows),
    add: (storefront, sums) => addRefusals(db, storefront, sums),
    now: clock.now,
    logError,
  });

  const turnstile = {
    siteKey: config.TURNSTILE_SITE_KEY || null,
    // The simulator takes any.
    secret: config.TURNSTILE_SECRET || (config.SIMULATOR_ORIGIN && "simulator"),
    verifyUrl: config.SIMULATOR_ORIGIN
      ? `${config.SIMULATOR_ORIGIN}/turnstile/siteverify`
      : SITEVERIFY,
  };

  async function verify(token: string, about: TurnstileAbout) {
    const deps = { fetch: parts.fetch, newKey: () => crypto.randomUUID(), turnstile };
    const read = await readTurnstile(deps, token, about, clock.now());
    if (!read.ok && read.error === "silent")
      logError("turnstile-silent", { url: turnstile.verifyUrl });
    return read;
  }

  const noteCheck: PhoneNumberDeps["noteCheck"] = async (check, recordOf) => {
    const { storefront, right, known, askedFrom, askedNetwork } = check;
    const rules = rulesIn(await parts.configuration(), storefront);
    if (rules.approved_share.mode === "off" && rules.failed_checks.mode === "off") return;
    const record = recordOf();
    if (!record || record.provider === sandboxProvider.id) return;
    const to = keys.unseal(record.toSealed, sealedIn("to", record.id));
    const code = {
      ...subjectsOf(phoneObjectName(keys, to), to),
      kind: right ? ("approved" as const) : ("wrong" as const),
      known,
      address: askedFrom,
      network: askedNetwork,
    };
    await watch.note(storefront, { kind: "checked", code, rules });
  };

  /** Who asks for codes that reach no number tries a prefix through. */
  const noteReceipt: ReceiptInboxDeps["noteReceipt"] = async (message, reason) => {
    const taken = reason === null;
    const { id, storefront, category, toSealed } = message;
    if (category !== "otp" || !(taken || NO_SUCH_NUMBER.has(reason))) return;
    if (message.account === SANDBOX_ACCOUNT.id) return;
    try {
      const rules = rulesIn(await parts.configuration(), storefront);
      if (rules.undelivered.mode === "off") return;
      const { prefix } = subjectsOf("", keys.unseal(toSealed, sealedIn("to", id)));
      await watch.note(storefront, { kind: "received", prefix, taken });
    } catch (error) {
      logError("abuse-guard-unreachable", error);
    }
  };

  return {
    noteCheck,
    noteReceipt,
    /** One line of JSON for whoever is on duty. Callers pass no number. */
    tellOperators: (event: string, facts: object) =>
      console.warn(JSON.stringify({ event, ...facts })),
    services: (configuration: Configuration, later: (work: Promise<unknown>) => void) => ({
      turnstileSiteKey: turnstile.siteKey,
      abuseState: (storefront: string) => watch.state(storefront),
      abuse: {
        rulesOf: (storefront: string) => rulesIn(configuration, storefront),
        admit: watch.admit.bind(watch),
        risk: watch.risk.bind(watch),
        standing: watch.standing.bind(watch),
        note: (...told: Parameters<AbuseWatch["note"]>) => later(watch.note(...told)),
        refused: (...told: Parameters<RefusalBook["note"]>) => later(refusals.note(...told)),
        readTurnstile: verify,
      },
      async changeAbuseRules(storefront: string, change: (rules: AbuseRules) => AbuseRules) {
        const rules = await changeStored(
          {
            read: () => readAbuseRules(db, storefront),
            replace: (before, next) => replaceAbuseRules(db, storefront, before, next),
          },
          (stored) => change(withDefaultRules(stored)),
        );
        parts.changed();
        return rules;
      },
    }),
  };
}
