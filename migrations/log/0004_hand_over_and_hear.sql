ALTER TABLE `messages` ADD `heard_at` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `hand_overs` integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
DROP TRIGGER message_cost_recorded;
--> statement-breakpoint
DROP TRIGGER message_cost_moved;
--> statement-breakpoint
CREATE TRIGGER message_cost_recorded AFTER INSERT ON messages
WHEN new.cost_amount IS NOT NULL AND new.status_rank >= 2
BEGIN
  INSERT INTO ledger_entries (subject, n, kind, debit, credit, amount, currency, segments, storefront, provider,
    account, country, at)
  SELECT id, entries + 1, iif(entries = 0, 'charge', 'correction'),
    iif(cost > charged, spender, carrier), iif(cost > charged, carrier, spender),
    abs(cost - charged), currency, segments - posted_segments, storefront, provider, account,
    country, coalesce(new.heard_at, new.sent_at, new.created_at)
  FROM message_dues WHERE id = new.id AND cost <> charged;
  INSERT INTO ledger_entries (subject, n, kind, debit, credit, amount, currency, segments, storefront, provider,
    account, country, at)
  SELECT id, entries + 1, 'refund', carrier, spender, charged - refunded, currency,
    -posted_segments, storefront, provider, account, country, coalesce(new.heard_at, new.sent_at, new.created_at)
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
    country, coalesce(new.heard_at, new.sent_at, new.created_at)
  FROM message_dues WHERE id = new.id AND cost <> charged;
  INSERT INTO ledger_entries (subject, n, kind, debit, credit, amount, currency, segments, storefront, provider,
    account, country, at)
  SELECT id, entries + 1, 'refund', carrier, spender, charged - refunded, currency,
    -posted_segments, storefront, provider, account, country, coalesce(new.heard_at, new.sent_at, new.created_at)
  FROM message_dues WHERE id = new.id AND is_refunded AND charged > refunded;
END;
