ALTER TABLE `messages` ADD `campaign` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `template_version` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `variables_sealed` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `cost_amount` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `cost_currency` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `urgency` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `messages` ADD `due_at` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `expires_at` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `claim` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `claimed_at` integer;--> statement-breakpoint
ALTER TABLE `messages` ADD `tries` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `messages_waiting` ON `messages` (`provider`,`urgency`,`due_at`) WHERE status_rank = 0;--> statement-breakpoint
CREATE INDEX `messages_unsettled` ON `messages` (`due_at`) WHERE status_rank IN (1, 2);