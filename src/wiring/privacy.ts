import { policyOf } from "../compliance/policies.ts";
import type { Database } from "../db/client.ts";
import { createJob, pageJobs, saveProgress } from "../jobs/store.ts";
import type { Keys } from "../lib/keys.ts";
import type { Clock } from "../lib/time.ts";
import { AgingShard } from "../messages/aging.ts";
import type { MessageLog } from "../messages/log.ts";
import { erasePerson } from "../privacy/erase-person.ts";
import { exportPerson } from "../privacy/export-person.ts";
import type { ForgetterDeps } from "../privacy/forgetter.ts";
import type { KeeperDeps, KeeperStub } from "../privacy/keeper.ts";
import { resealStep } from "../privacy/reseal.ts";
import {
  EXPIRING_TABLES,
  newRetention,
  type Retention,
  retainStep,
  retentionOf,
} from "../privacy/retention.ts";
import { advance, newRotation, type RotationEnd } from "../privacy/rotation.ts";
import { SEALED_TABLES } from "../privacy/sealed-tables.ts";
import { holdsInForce } from "../privacy/store.ts";
import type { PrivacyWays } from "../privacy/ways.ts";
import type { PhoneNumberStub } from "../verifications/plan.ts";
import type { Configuration } from "./configuration.ts";
import { wirePersonParts } from "./person-parts.ts";

/** Rows of one step: a database must answer others in between. */
const ROWS_AT_ONCE = 200;
const ROTATION = "privacy.rotation";

const STUCK =
  "Some rows can't be read with the keys that are given: give the older keys back. · 部分数据无法用现有密钥读取，请补回旧密钥。";

interface Parts {
  readonly env: Env;
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly log: MessageLog;
  readonly newId: (prefix: "job") => string;
  /** Waits while somebody is in haste. */
  readonly giveWay: () => Promise<void>;
  readonly configuration: () => Promise<Configuration>;
  readonly logError: (event: string, error: unknown) => void;
}

/** Keys that change, people who want to be forgotten or told, and what is too old, wired together. */
export function wirePrivacy(parts: Parts) {
  const { env, db, keys, clock, log } = parts;
  const logs = [env.LOG_0, env.LOG_1];
  const shards = logs.map((binding) => new AgingShard(binding));
  const rewritten = SEALED_TABLES.filter(({ sealed }) => Object.keys(sealed).length > 0);
  const targets = rewritten.flatMap((table) =>
    (table.place === "log" ? logs : [env.DB]).map((binding) => ({ binding, table })),
  );
  const holds = (numbers?: readonly string[]) => holdsInForce({ db, keys }, clock.now(), numbers);
  const keeper = () => env.KEEPER.getByName("keeper") as unknown as KeeperStub;

  const { erasers, exporters } = wirePersonParts({
    db,
    keys,
    binding: env.DB,
    storefronts: async () => (await parts.configuration()).storefronts,
  });

  async function rotateStep(state: unknown) {
    const { rotation } = state as RotationEnd;
    const target = targets[rotation.target];
    if (!target) throw new Error("a rotation names no table");
    const step = await resealStep(keys, target, rotation.cursor, ROWS_AT_ONCE);
    const end = advance(rotation, step, targets.length);
    return { state: end, isDone: end.kind !== "going" };
  }

  async function reportRotation(job: string, state: unknown): Promise<void> {
    const { kind, rotation } = state as RotationEnd;
    const { looked, resealed, pass, found, rewritten } = rotation;
    await saveProgress(db, job, {
      status: kind === "going" ? "running" : kind === "done" ? "done" : "failed",
      rows: looked,
      counts: { resealed, passes: pass, left: kind === "stuck" ? found - rewritten : 0 },
      ...(kind === "going" ? {} : { endedAt: clock.now() }),
      ...(kind === "stuck" ? { reason: STUCK } : {}),
    });
  }

  /** Answers the job's id; where one goes on already, that one's. */
  async function beginRotation(): Promise<string> {
    const [last] = await pageJobs(db, { kind: ROTATION }, 1);
    if (last?.endedAt === null) {
      // Should it have been noted and never begun, it begins now.
      await keeper().begin(last.id, "rotation", { kind: "going", rotation: newRotation });
      return last.id;
    }
    const id = parts.newId("job");
    await createJob(db, { id, storefront: null, kind: ROTATION, createdAt: clock.now() });
    await keeper().begin(id, "rotation", { kind: "going", rotation: newRotation });
    return id;
  }

  const keeperDeps: KeeperDeps = {
    clock,
    newRetention,
    logError: parts.logError,
    errands: {
      rotation: { step: rotateStep, report: reportRotation },
      retention: {
        async step(state) {
          const next = await retainStep(
            {
              now: clock.now,
              binding: env.DB,
              shards,
              tables: EXPIRING_TABLES,
              blindIndexes: keys.blindIndexes,
              most: ROWS_AT_ONCE,
              holds: () => holds(),
              keptFor: async () => {
                const { policies } = await parts.configuration();
                return ({ storefront, category, country }) => {
                  const own = policies.get(storefront) ?? {};
                  return retentionOf(policyOf(own, category, country).retention_days);
                };
              },
            },
            state as Retention,
          );
          return { state: next ?? state, isDone: next === null };
        },
      },
    },
  };

  const ways: PrivacyWays = {
    beginRotation,
    erasePerson: (e164, storefront) =>
      erasePerson({ keys, now: clock.now, shards, holds, erasers }, e164, storefront),
    exportPerson: (person, page) => exportPerson({ log, exporters }, person, page),
  };
  const forgetter: ForgetterDeps = {
    clock,
    logError: parts.logError,
    giveWay: parts.giveWay,
    forget: (number) => (env.PHONE.getByName(number) as unknown as PhoneNumberStub).forget(),
  };

  return { keeper: keeperDeps, forgetter, daily: () => keeper().daily(), ways };
}
