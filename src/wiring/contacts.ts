import type { Consent } from "../audience/contact-fields.ts";
import type { ImportJobDeps, ImportJobStub } from "../audience/import-job.ts";
import { keepUpload } from "../audience/upload.ts";
import type { ContactWays } from "../audience/ways.ts";
import {
  type PermissionDeps,
  recordConsent,
  recordConsents,
} from "../compliance/permissions/change.ts";
import { pageContacts, upsertContacts } from "../contacts/store.ts";
import type { Database } from "../db/client.ts";
import { createJob, saveErrors, saveProgress } from "../jobs/store.ts";
import type { IdPrefix } from "../lib/id.ts";
import type { Keys } from "../lib/keys.ts";
import { fail } from "../lib/result.ts";
import type { Clock } from "../lib/time.ts";

interface Parts {
  readonly env: Pick<Env, "IMPORTS" | "IMPORT_JOB">;
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly newId: (prefix: IdPrefix) => string;
  readonly permissions: PermissionDeps;
  readonly logError: (event: string, error: unknown) => void;
}

/** Customers, and the files that they come in, wired together. */
export function wireContacts({ env, db, keys, clock, newId, permissions, logError }: Parts) {
  const bucket = env.IMPORTS;
  const store = { db, keys };
  // One generated stub type a call would cost more to check than the interface is worth.
  const importJob = (job: string) => env.IMPORT_JOB.getByName(job) as unknown as ImportJobStub;

  const upsert: ContactWays["upsert"] = (storefront, changes) =>
    upsertContacts(store, storefront, changes, { now: clock.now(), newId: () => newId("ctc") });

  const toRecord = (storefront: string, to: string, consent: Consent) => ({
    storefront,
    to,
    scope: consent.scope,
    source: consent.source,
    textVersion: consent.text_version,
    at: Date.parse(consent.at),
    evidence: null,
  });

  const ways: ContactWays = {
    page: (filter, limit) => pageContacts(store, filter, limit),
    upsert,
    grantConsent: (storefront, to, consent) =>
      recordConsent(permissions, toRecord(storefront, to, consent)),
    async upload(job, body) {
      await importJob(job).begin(job);
      try {
        const kept = await keepUpload({ bucket, keys }, job, body);
        if (!kept.ok) await importJob(job).abandon();
        return kept;
      } catch (error) {
        logError("upload-broken-off", { job, name: (error as Error).name });
        await importJob(job).abandon();
        return fail("broken-off");
      }
    },
    drop: (job) => importJob(job).abandon(),
    async beginImport(job, order) {
      const { storefront } = order;
      await createJob(db, {
        id: job,
        storefront,
        kind: "contacts.import",
        createdAt: clock.now(),
      });
      await importJob(job).start(order);
    },
  };

  const importJobDeps: ImportJobDeps = {
    bucket,
    keys,
    clock,
    upsert,
    grantConsents: (storefront, consents) =>
      recordConsents(
        permissions,
        consents.map(({ id, to, consent }) => ({ ...toRecord(storefront, to, consent), id })),
      ),
    logError,
    saveProgress: (job, progress) => saveProgress(db, job, progress),
    saveErrors: (job, told) => saveErrors(db, job, told),
  };
  return { ways, importJob: importJobDeps };
}
