import { createHash } from "node:crypto";
import { type ContactChange, mergeChanges } from "../contacts/contact.ts";
import type { Upserted } from "../contacts/store.ts";
import type { JobError } from "../jobs/job.ts";
import { ulid } from "../lib/id.ts";
import { rfc3339 } from "../lib/time.ts";
import type { Column } from "./columns.ts";
import { type Consent, isAhead, readContactRow } from "./contact-fields.ts";
import { type FileKind, readRows } from "./read-file.ts";
import type { FileRecord } from "./records.ts";

export interface ImportRowsDeps {
  readonly upsert: (
    storefront: string,
    changes: readonly ContactChange[],
  ) => Promise<readonly Upserted[]>;
  readonly grantConsents: (
    storefront: string,
    consents: readonly ImportedConsent[],
  ) => Promise<unknown>;
}

export interface ImportedConsent {
  /** The same one however often its row is read. */
  readonly id: string;
  readonly to: string;
  readonly consent: Consent;
}

export interface ImportFacts {
  /** The `job_` id. */
  readonly job: string;
  readonly storefront: string;
  /** Reads numbers that carry no country code. */
  readonly defaultCountry: string;
  /** The storefront's calendar as the import began, `YYYY-MM-DD`. */
  readonly today: string;
  readonly kind: FileKind;
  readonly columns: readonly Column[];
  /** When the import began. */
  readonly at: number;
}

export interface ImportedRows {
  /** Each once, by his number in E.164. */
  readonly people: readonly { readonly to: string; readonly wasKnown: boolean }[];
  readonly errors: readonly JobError[];
}

const YES = /^(yes|true|1|是|y)$/i;
const NO = /^(no|false|0|否|n)$/i;

/** The consent that a row tells of; what it leaves out is said of the import itself. */
function withConsent(row: Readonly<Record<string, unknown>>, { job, at }: ImportFacts) {
  const { consent, consent_scope, consent_source, consent_text_version, consent_at, ...rest } = row;
  if (typeof consent === "object" && consent !== null) return { ...rest, consent };
  const said = consent_scope ?? consent;
  if (said === undefined || said === null || NO.test(String(said))) return rest;
  const given = typeof consent_at === "string" ? consent_at : rfc3339(at);
  return {
    ...rest,
    consent: {
      scope: YES.test(String(said)) ? "marketing" : said,
      source: consent_source ?? "import",
      text_version: consent_text_version ?? job,
      at: /^\d{4}-\d\d-\d\d$/.test(given) ? `${given}T00:00:00Z` : given,
    },
  };
}

const consentId = ({ job, at }: ImportFacts, row: number): string =>
  `con_${ulid(at, createHash("sha256").update(`${job}:${row}`).digest().subarray(0, 10))}`;

interface Person {
  readonly change: ContactChange;
  readonly rows: readonly number[];
}

/**
 * Writes some rows of a file into the contacts; `before` rows came earlier. It may be done twice:
 * the same rows again change nothing.
 */
export async function importRows(
  deps: ImportRowsDeps,
  facts: ImportFacts,
  records: readonly FileRecord[],
  before: number,
): Promise<ImportedRows> {
  const errors: JobError[] = [];
  const people = new Map<string, Person>();
  const consents: ImportedConsent[] = [];
  for (const [at, read] of readRows(records, facts.kind, facts.columns).entries()) {
    const row = before + at + 1;
    if (!read.ok) {
      errors.push({ row, message: read.error });
      continue;
    }
    const contact = readContactRow(withConsent(read.value, facts), facts);
    if (!contact.ok) {
      const { path, message } = contact.error;
      errors.push({ row, message: path ? `${path}: ${message}` : message });
      continue;
    }
    const { change, consent } = contact.value;
    if (consent && isAhead(consent, facts.at)) {
      errors.push({ row, message: "consent.at: lies in the future · 时间不能晚于现在" });
      continue;
    }
    const known = people.get(change.to);
    people.set(change.to, {
      change: known ? mergeChanges(known.change, change) : change,
      rows: [...(known?.rows ?? []), row],
    });
    if (consent) consents.push({ id: consentId(facts, row), to: change.to, consent });
  }
  const upserted = await deps.upsert(
    facts.storefront,
    [...people.values()].map((person) => person.change),
  );
  const refused = new Set(upserted.flatMap((one) => (one.id === null ? [one.to] : [])));
  const message = "attributes: the contact would have too many · 该联系人的属性过多";
  for (const to of refused) {
    for (const row of people.get(to)?.rows ?? []) errors.push({ row, message });
  }
  const granted = consents.filter(({ to }) => !refused.has(to));
  if (granted.length > 0) await deps.grantConsents(facts.storefront, granted);
  return {
    people: upserted.flatMap(({ to, id, createdAt }) =>
      id === null ? [] : [{ to, wasKnown: createdAt < facts.at }],
    ),
    errors: errors.sort((a, b) => a.row - b.row),
  };
}
