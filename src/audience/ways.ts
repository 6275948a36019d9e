import type { Contact, ContactChange } from "../contacts/contact.ts";
import type { ContactFilter, Upserted } from "../contacts/store.ts";
import type { Result } from "../lib/result.ts";
import type { Consent } from "./contact-fields.ts";
import type { ImportOrder } from "./import-job.ts";
import type { LifecycleSettings } from "./life.ts";
import type { Audience } from "./members.ts";
import type { Upload, UploadRefusal } from "./upload.ts";

/** What endpoints ask for. */
export interface ContactWays {
  page(filter: ContactFilter, limit: number): Promise<Contact[]>;
  upsert(storefront: string, changes: readonly ContactChange[]): Promise<readonly Upserted[]>;
  grantConsent(storefront: string, to: string, consent: Consent): Promise<unknown>;
  /** Keeps a file for a job that may follow; without `begin` or `drop` it is gone in an hour. */
  upload(
    job: string,
    body: ReadableStream<Uint8Array>,
  ): Promise<Result<Upload, UploadRefusal | "broken-off">>;
  drop(job: string): Promise<void>;
  beginImport(job: string, order: ImportOrder): Promise<void>;
}

export interface AudienceWays {
  /** All that a filter finds, and the first of them. */
  preview(
    audience: Audience,
  ): Promise<{ readonly count: number; readonly sample: readonly Contact[] }>;
  lifecycleOf(storefront: string): Promise<LifecycleSettings>;
  saveLifecycle(storefront: string, settings: LifecycleSettings): Promise<void>;
}
