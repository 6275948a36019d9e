import { activityOf } from "../audience/store.ts";
import { openEvidence } from "../compliance/permissions/change.ts";
import { consentsOf, suppressionsOf } from "../compliance/permissions/store.ts";
import { eraseRefusalsOf, refusalsOf } from "../compliance/refusals/store.ts";
import { deleteContact, pageContacts } from "../contacts/store.ts";
import { eraseConversionsOf, pageConversions } from "../conversions/store.ts";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import { DAY, rfc3339 } from "../lib/time.ts";
import { eraseLinksOf, linksOf } from "../links/store.ts";
import type { Eraser } from "../privacy/erase-person.ts";
import type { Exporter } from "../privacy/export-person.ts";
import { LEGAL_MINIMUM } from "../privacy/lawful.ts";
import { eraseInterestsOf, interestsOfPerson } from "../products/store.ts";
import { eraseReplies, repliesOf } from "../receipts/store.ts";
import { EventLog } from "../triggers/event-log.ts";

/** Of one kind; nobody answers more often. */
const MOST_ROWS = 1_000;

interface Parts {
  readonly binding: D1Database;
  readonly db: Database;
  readonly keys: Keys;
  readonly storefronts: () => Promise<readonly { readonly id: string }[]>;
}

/** What each part of the product keeps of a person beside his messages: one line each way. */
export function wirePersonParts({ binding, db, keys, storefronts }: Parts) {
  const events = new EventLog(binding, keys);
  const contactsOf = (to: string, storefront: string | null) =>
    pageContacts({ db, keys }, { to, storefront: storefront ?? undefined }, MOST_ROWS);
  const within = async (storefront: string | null) =>
    storefront === null ? (await storefronts()).map((one) => one.id) : [storefront];

  /** Consents, opt-outs and complaints are not among them: they are the proof that must stay. */
  const erasers: Readonly<Record<string, Eraser>> = {
    async contacts({ e164, storefront }) {
      const found = await contactsOf(e164, storefront);
      for (const { id } of found) await deleteContact(db, id);
      return found.length;
    },
    events: ({ numbers, storefront }) => events.forgetNumber(numbers, storefront),
    links: ({ numbers, storefront }, now) => eraseLinksOf(db, numbers, storefront, now),
    conversions: ({ numbers, storefront }) => eraseConversionsOf(db, numbers, storefront),
    interests: ({ numbers, storefront }) => eraseInterestsOf(db, numbers, storefront),
    refusals: ({ numbers, storefront }) => eraseRefusalsOf(db, numbers, storefront),
    replies: (person, now) =>
      eraseReplies(binding, person, { now, keptSince: now - LEGAL_MINIMUM }),
  };

  const exporters: Readonly<Record<string, Exporter>> = {
    async contacts({ e164, storefront }) {
      const found = await contactsOf(e164, storefront);
      return found.map(({ createdAt, updatedAt, ...contact }) => ({
        ...contact,
        created_at: rfc3339(createdAt),
        updated_at: rfc3339(updatedAt),
      }));
    },
    async activity({ e164, storefront }) {
      const ids = (await contactsOf(e164, storefront)).map((one) => one.id);
      const found = await activityOf(db, ids, MOST_ROWS);
      return found.map(({ day, ...one }) => ({ ...one, day: rfc3339(day * DAY).slice(0, 10) }));
    },
    async events({ numbers, storefront }) {
      const found = await events.ofNumber(numbers, storefront, MOST_ROWS);
      return found.map(({ id, name, data, occurredAt }) => ({
        id,
        name,
        data,
        occurred_at: rfc3339(occurredAt),
      }));
    },
    async links({ numbers, storefront }) {
      const found = await linksOf({ db, keys }, numbers, storefront, MOST_ROWS);
      return found.map(({ storefront, message, target, clicks, clickedAt, createdAt }) => ({
        storefront,
        message,
        target,
        clicks,
        clicked_at: clickedAt === null ? null : rfc3339(clickedAt),
        created_at: rfc3339(createdAt),
      }));
    },
    async conversions({ numbers, storefront }) {
      const filter = { numbers, storefront: storefront ?? undefined };
      const found = await pageConversions({ db, keys }, filter, MOST_ROWS);
      return found.map((one) => ({
        storefront: one.storefront,
        order_id: one.orderId,
        value: one.value,
        occurred_at: rfc3339(one.occurredAt),
      }));
    },
    async interests({ numbers, storefront }) {
      const found = await interestsOfPerson(db, numbers, storefront, MOST_ROWS);
      return found.map(({ storefront, product, seenAt, boughtAt }) => ({
        storefront,
        product,
        seen_at: rfc3339(seenAt),
        bought_at: boughtAt === null ? null : rfc3339(boughtAt),
      }));
    },
    async refusals({ numbers, storefront }) {
      const found = await refusalsOf(db, numbers, storefront, MOST_ROWS);
      return found.map(({ storefront, rule, purpose, en, zh, at }) => ({
        storefront,
        rule,
        purpose,
        explanation: { en, zh },
        at: rfc3339(at),
      }));
    },
    async consents({ numbers, storefront }) {
      const own = await within(storefront);
      const rows = await Promise.all(own.map((one) => consentsOf(db, one, numbers, MOST_ROWS)));
      return rows.flat().map((row) => ({
        storefront: row.storefront,
        scope: row.scope,
        source: row.source,
        text_version: row.textVersion,
        evidence: openEvidence(keys, row),
        at: rfc3339(row.at),
      }));
    },
    async suppressions({ numbers, storefront }) {
      const own = await within(storefront);
      const rows = await Promise.all(own.map((one) => suppressionsOf(db, one, numbers)));
      return rows.flat().map((row) => ({
        storefront: row.storefront,
        scope: row.scope,
        reason: row.reason,
        created_at: rfc3339(row.createdAt),
      }));
    },
    async replies(person) {
      const replies = await repliesOf(binding, person, MOST_ROWS);
      return replies.map(({ id, provider, textSealed, receivedAt }) => ({
        provider,
        text: keys.unseal(textSealed, `replies|text|${id}`),
        received_at: rfc3339(receivedAt),
      }));
    },
  };
  return { erasers, exporters };
}
