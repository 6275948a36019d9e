CREATE TABLE `message_refusals` (
	`message` text PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`code` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TRIGGER attempt_refused AFTER INSERT ON attempts
WHEN new.outcome = 'rejected' AND new.reason IN ('opted-out', 'blocked-number')
BEGIN
  INSERT INTO message_refusals (message, provider, code, at)
  VALUES (new.message_id, new.provider, coalesce(new.code, ''), CAST(unixepoch('subsec') * 1000 AS INTEGER))
  ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER attempt_found_refused AFTER UPDATE OF outcome, reason ON attempts
WHEN new.outcome = 'rejected' AND new.reason IN ('opted-out', 'blocked-number')
  AND (old.outcome, old.reason) IS NOT (new.outcome, new.reason)
BEGIN
  INSERT INTO message_refusals (message, provider, code, at)
  VALUES (new.message_id, new.provider, coalesce(new.code, ''), CAST(unixepoch('subsec') * 1000 AS INTEGER))
  ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER message_refused AFTER UPDATE OF status ON messages
WHEN new.status = 'undelivered' AND old.status IS NOT 'undelivered'
  AND new.reason IN ('opted-out', 'blocked-number')
BEGIN
  INSERT INTO message_refusals (message, provider, code, at)
  VALUES (new.id, coalesce(new.provider, ''), coalesce(new.error_code, ''), CAST(unixepoch('subsec') * 1000 AS INTEGER))
  ON CONFLICT DO NOTHING;
END;
