ALTER TABLE `messages` ADD `campaign` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `template_version` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `variables_sealed` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `cost_amount` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `cost_currency` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `urgency` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `messages` ADD `queue` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `due_at` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `expires_at` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `route` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `claim` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `claimed_at` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `tries` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `messages` ADD `asked` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `messages` ADD `request` text;--> statement-breakpoint
CREATE INDEX `messages_waiting` ON `messages` (`queue`,`urgency`,`due_at`) WHERE queue IS NOT NULL;--> statement-breakpoint
CREATE INDEX `messages_claimed` ON `messages` (`claimed_at`) WHERE claim IS NOT NULL;--> statement-breakpoint
CREATE INDEX `messages_unsettled` ON `messages` (`status`,`due_at`) WHERE status IN ('unknown', 'sent');--> statement-breakpoint
CREATE UNIQUE INDEX `messages_by_request` ON `messages` (`request`) WHERE request IS NOT NULL;