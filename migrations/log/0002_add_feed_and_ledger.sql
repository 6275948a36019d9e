CREATE TABLE `ledger_entries` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`subject` text NOT NULL,
	`n` integer NOT NULL,
	`kind` text NOT NULL,
	`debit` text NOT NULL,
	`credit` text NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`segments` integer NOT NULL,
	`storefront` text NOT NULL,
	`provider` text NOT NULL,
	`account` text NOT NULL,
	`country` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ledger_entries_by_subject` ON `ledger_entries` (`subject`,`n`);--> statement-breakpoint
CREATE INDEX `ledger_entries_by_storefront` ON `ledger_entries` (`storefront`,`subject`,`n`);--> statement-breakpoint
CREATE TABLE `message_changes` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`message` text NOT NULL,
	`status` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `message_listeners` (
	`storefront` text NOT NULL,
	`status` text NOT NULL,
	`listener` text NOT NULL,
	PRIMARY KEY(`storefront`, `status`, `listener`)
);
--> statement-breakpoint
ALTER TABLE `messages` ADD `zones` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `run` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `variant` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `refundable` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `planned_at` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `erased_at` integer;--> statement-breakpoint
CREATE INDEX `messages_by_campaign` ON `messages` (`campaign`,`status_rank`,`id`) WHERE campaign IS NOT NULL;--> statement-breakpoint
CREATE INDEX `messages_held` ON `messages` (`reason`) WHERE queue IS NOT NULL AND reason IS NOT NULL;--> statement-breakpoint
CREATE INDEX `messages_receipted` ON `messages` (`account`,`sent_at`,`country`,`status`) WHERE status IN ('delivered', 'undelivered');--> statement-breakpoint
CREATE INDEX `messages_unfortunate` ON `messages` (`status`,`id`) WHERE status IN ('undelivered', 'unconfirmed', 'failed', 'expired', 'suppressed', 'canceled');
--> statement-breakpoint
CREATE TRIGGER message_recorded AFTER INSERT ON messages
WHEN EXISTS (SELECT 1 FROM message_listeners WHERE storefront = new.storefront AND status = new.status)
BEGIN
  INSERT INTO message_changes (message, status, at)
  VALUES (new.id, new.status, CAST(unixepoch('subsec') * 1000 AS INTEGER));
END;
--> statement-breakpoint
CREATE TRIGGER message_moved AFTER UPDATE OF status ON messages
WHEN new.status IS NOT old.status
  AND EXISTS (SELECT 1 FROM message_listeners WHERE storefront = new.storefront AND status = new.status)
BEGIN
  INSERT INTO message_changes (message, status, at)
  VALUES (new.id, new.status, CAST(unixepoch('subsec') * 1000 AS INTEGER));
END;

--> statement-breakpoint
CREATE VIEW message_dues AS
SELECT d.*, d.posted - d.given_back AS charged, -d.given_back AS refunded
FROM (
  SELECT m.id, m.storefront, m.provider, m.account, m.country, m.cost_currency AS currency,
    coalesce(m.segments, 1) AS segments,
    CAST(substr(m.cost_amount, 1, instr(m.cost_amount || '.', '.') - 1) AS INTEGER) * 1000000
      + CAST(substr(substr(m.cost_amount, instr(m.cost_amount || '.', '.') + 1) || '000000', 1, 6) AS INTEGER) AS cost,
    coalesce(m.refundable, 0) AND m.status IN ('undelivered', 'failed') AS is_refunded,
    iif(m.campaign IS NULL, 'spend:' || m.storefront, 'campaign:' || m.campaign) AS spender,
    'provider:' || m.account AS carrier,
    (SELECT count(*) FROM ledger_entries AS e WHERE e.subject = m.id) AS entries,
    (SELECT coalesce(sum(iif(e.credit LIKE 'provider:%', e.amount, -e.amount)), 0)
      FROM ledger_entries AS e WHERE e.subject = m.id) AS posted,
    (SELECT coalesce(sum(-e.amount), 0)
      FROM ledger_entries AS e WHERE e.subject = m.id AND e.kind = 'refund') AS given_back,
    (SELECT coalesce(sum(e.segments), 0)
      FROM ledger_entries AS e WHERE e.subject = m.id) AS posted_segments
  FROM messages AS m
  WHERE m.cost_amount IS NOT NULL AND m.account IS NOT NULL AND m.status_rank >= 2
) AS d;
--> statement-breakpoint
CREATE TRIGGER message_cost_recorded AFTER INSERT ON messages
WHEN new.cost_amount IS NOT NULL AND new.status_rank >= 2
BEGIN
  INSERT INTO ledger_entries (subject, n, kind, debit, credit, amount, currency, segments, storefront, provider,
    account, country, at)
  SELECT id, entries + 1, iif(entries = 0, 'charge', 'correction'),
    iif(cost > charged, spender, carrier), iif(cost > charged, carrier, spender),
    abs(cost - charged), currency, segments - posted_segments, storefront, provider, account,
    country, CAST(unixepoch('subsec') * 1000 AS INTEGER)
  FROM message_dues WHERE id = new.id AND cost <> charged;
  INSERT INTO ledger_entries (subject, n, kind, debit, credit, amount, currency, segments, storefront, provider,
    account, country, at)
  SELECT id, entries + 1, 'refund', carrier, spender, charged - refunded, currency,
    -posted_segments, storefront, provider, account, country, CAST(unixepoch('subsec') * 1000 AS INTEGER)
  FROM message_dues WHERE id = new.id AND is_refunded AND charged > refunded;
END;
--> statement-breakpoint
CREATE TRIGGER message_cost_moved AFTER UPDATE OF cost_amount, status ON messages
WHEN new.cost_amount IS NOT NULL AND new.status_rank >= 2
  AND (new.cost_amount IS NOT old.cost_amount OR old.status_rank < 2
    OR (new.status IN ('undelivered', 'failed') AND new.status IS NOT old.status))
BEGIN
  INSERT INTO ledger_entries (subject, n, kind, debit, credit, amount, currency, segments, storefront, provider,
    account, country, at)
  SELECT id, entries + 1, iif(entries = 0, 'charge', 'correction'),
    iif(cost > charged, spender, carrier), iif(cost > charged, carrier, spender),
    abs(cost - charged), currency, segments - posted_segments, storefront, provider, account,
    country, CAST(unixepoch('subsec') * 1000 AS INTEGER)
  FROM message_dues WHERE id = new.id AND cost <> charged;
  INSERT INTO ledger_entries (subject, n, kind, debit, credit, amount, currency, segments, storefront, provider,
    account, country, at)
  SELECT id, entries + 1, 'refund', carrier, spender, charged - refunded, currency,
    -posted_segments, storefront, provider, account, country, CAST(unixepoch('subsec') * 1000 AS INTEGER)
  FROM message_dues WHERE id = new.id AND is_refunded AND charged > refunded;
END;
--> statement-breakpoint
INSERT INTO ledger_entries (subject, n, kind, debit, credit, amount, currency, segments, storefront, provider,
    account, country, at)
  SELECT id, entries + 1, iif(entries = 0, 'charge', 'correction'),
    iif(cost > charged, spender, carrier), iif(cost > charged, carrier, spender),
    abs(cost - charged), currency, segments - posted_segments, storefront, provider, account,
    country, CAST(unixepoch('subsec') * 1000 AS INTEGER)
  FROM message_dues WHERE cost > 0 AND cost <> charged;
