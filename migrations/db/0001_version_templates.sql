CREATE TABLE `sender_filings` (
	`sender` text NOT NULL,
	`account` text NOT NULL,
	`status` text NOT NULL,
	`carrier_state` text,
	`detail` text,
	PRIMARY KEY(`sender`, `account`)
);
--> statement-breakpoint
CREATE TABLE `template_versions` (
	`template` text NOT NULL,
	`version` integer NOT NULL,
	`sender` text NOT NULL,
	`body` text NOT NULL,
	`variables` text NOT NULL,
	`actor` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`template`, `version`)
);
--> statement-breakpoint
CREATE TABLE `route_scores` (
	`account` text NOT NULL,
	`country` text NOT NULL,
	`carrier` text NOT NULL,
	`category` text NOT NULL,
	`good` real NOT NULL,
	`bad` real NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`account`, `country`, `carrier`, `category`)
);
--> statement-breakpoint
CREATE TABLE `replies` (
	`id` text PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`account` text NOT NULL,
	`from_sealed` text NOT NULL,
	`from_index` text NOT NULL,
	`text_sealed` text NOT NULL,
	`received_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `replies_by_number` ON `replies` (`from_index`,`received_at`);--> statement-breakpoint
INSERT INTO `template_versions` (`template`, `version`, `sender`, `body`, `variables`, `actor`, `created_at`)
SELECT `id`, 1, `sender`, `body`, '[{"name":"code","type":"text","maxLength":8,"fallback":null,"slot":null}]', 'seed', 0 FROM `templates`;--> statement-breakpoint
CREATE TABLE `__new_template_bindings` (
	`template` text NOT NULL,
	`version` integer NOT NULL,
	`account` text NOT NULL,
	`region` text NOT NULL,
	`provider_template_id` text NOT NULL,
	`status` text NOT NULL,
	`detail` text,
	`parameters` text NOT NULL,
	PRIMARY KEY(`template`, `version`, `account`, `region`)
);
--> statement-breakpoint
INSERT INTO `__new_template_bindings`("template", "version", "account", "region", "provider_template_id", "status", "detail", "parameters") SELECT "template", 1, "account", "region", "provider_template_id", "status", NULL, "parameters" FROM `template_bindings`;--> statement-breakpoint
DROP TABLE `template_bindings`;--> statement-breakpoint
ALTER TABLE `__new_template_bindings` RENAME TO `template_bindings`;--> statement-breakpoint
CREATE INDEX `bindings_by_account` ON `template_bindings` (`account`);--> statement-breakpoint
ALTER TABLE `senders` ADD `created_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `senders_by_name` ON `senders` (`storefront`,`name`);--> statement-breakpoint
ALTER TABLE `templates` ADD `version` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `templates` ADD `live_version` integer;--> statement-breakpoint
UPDATE `templates` SET `live_version` = 1 WHERE `status` = 'approved';--> statement-breakpoint
ALTER TABLE `templates` ADD `submitted_by` text;--> statement-breakpoint
ALTER TABLE `templates` ADD `created_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `templates` ADD `updated_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `templates` DROP COLUMN `sender`;--> statement-breakpoint
ALTER TABLE `templates` DROP COLUMN `body`;--> statement-breakpoint
ALTER TABLE `provider_accounts` ADD `relay` text;--> statement-breakpoint
ALTER TABLE `provider_accounts` ADD `per_second` integer;--> statement-breakpoint
ALTER TABLE `provider_accounts` ADD `prices` text;--> statement-breakpoint
ALTER TABLE `provider_accounts` ADD `created_at` integer DEFAULT 0 NOT NULL;
