CREATE TABLE `engagements` (
	`contact` text NOT NULL,
	`kind` text NOT NULL,
	`day` integer NOT NULL,
	PRIMARY KEY(`contact`, `kind`, `day`),
	FOREIGN KEY (`contact`) REFERENCES `contacts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `event_counts` (
	`contact` text NOT NULL,
	`name` text NOT NULL,
	`day` integer NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`contact`, `name`, `day`),
	FOREIGN KEY (`contact`) REFERENCES `contacts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `lifecycle_settings` (
	`storefront` text PRIMARY KEY NOT NULL,
	`settings` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `lifecycle_walks` (
	`id` integer PRIMARY KEY NOT NULL,
	`day` integer NOT NULL,
	`cursor` text
);
--> statement-breakpoint
CREATE TABLE `segments` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`name` text NOT NULL,
	`filter` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `segments_by_storefront` ON `segments` (`storefront`,`id`);--> statement-breakpoint
CREATE TABLE `campaign_origins` (
	`campaign` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`start` text NOT NULL,
	`segment` text,
	`playbook` text,
	`source` text,
	`source_variant` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `campaign_origins_by_start` ON `campaign_origins` (`storefront`,`start`);--> statement-breakpoint
CREATE INDEX `campaign_origins_by_source` ON `campaign_origins` (`source`) WHERE source IS NOT NULL;--> statement-breakpoint
CREATE TABLE `campaign_recipients` (
	`campaign` text NOT NULL,
	`run` integer NOT NULL,
	`contact` text NOT NULL,
	`variant` text,
	`message` text,
	`reason` text,
	PRIMARY KEY(`campaign`, `run`, `contact`)
);
--> statement-breakpoint
CREATE INDEX `campaign_recipients_open` ON `campaign_recipients` (`campaign`,`run`,`contact`) WHERE message IS NULL AND reason IS NULL;--> statement-breakpoint
CREATE INDEX `campaign_recipients_by_message` ON `campaign_recipients` (`message`) WHERE message IS NOT NULL;--> statement-breakpoint
CREATE TABLE `campaign_runs` (
	`campaign` text NOT NULL,
	`at` integer NOT NULL,
	`status` text NOT NULL,
	`cursor` text NOT NULL,
	`recipients` integer NOT NULL,
	`slots` text NOT NULL,
	`spent` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	PRIMARY KEY(`campaign`, `at`)
);
--> statement-breakpoint
CREATE INDEX `campaign_runs_open` ON `campaign_runs` (`campaign`) WHERE ended_at IS NULL;--> statement-breakpoint
CREATE TABLE `campaigns` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`definition` text NOT NULL,
	`status` text NOT NULL,
	`reason` text,
	`created_by` text NOT NULL,
	`editors` text NOT NULL,
	`submitted_by` text,
	`approved_by` text,
	`approved` text,
	`next_run_at` integer,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `campaigns_by_storefront` ON `campaigns` (`storefront`,`id`);--> statement-breakpoint
CREATE INDEX `campaigns_by_status` ON `campaigns` (`status`,`next_run_at`);--> statement-breakpoint
CREATE TABLE `findings` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`title` text NOT NULL,
	`note` text NOT NULL,
	`source` text,
	`status` text NOT NULL,
	`experiment` text,
	`rollout` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `findings_by_storefront` ON `findings` (`storefront`,`id`);--> statement-breakpoint
CREATE INDEX `findings_by_experiment` ON `findings` (`experiment`) WHERE experiment IS NOT NULL;--> statement-breakpoint
CREATE INDEX `findings_by_rollout` ON `findings` (`rollout`) WHERE rollout IS NOT NULL;--> statement-breakpoint
CREATE INDEX `findings_by_source` ON `findings` (`source`) WHERE source IS NOT NULL;--> statement-breakpoint
CREATE TABLE `kpi_bands` (
	`storefront` text NOT NULL,
	`name` text NOT NULL,
	`low` real NOT NULL,
	`high` real NOT NULL,
	`source` text NOT NULL,
	PRIMARY KEY(`storefront`, `name`)
);
--> statement-breakpoint
CREATE TABLE `complaints` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`to_index` text NOT NULL,
	`to_sealed` text NOT NULL,
	`message` text,
	`text_sealed` text,
	`source` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `complaints_by_storefront` ON `complaints` (`storefront`,`id`);--> statement-breakpoint
CREATE INDEX `complaints_by_message` ON `complaints` (`message`) WHERE message IS NOT NULL;--> statement-breakpoint
CREATE TABLE `consents` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`scope` text NOT NULL,
	`to_index` text NOT NULL,
	`to_sealed` text NOT NULL,
	`source` text NOT NULL,
	`text_version` text NOT NULL,
	`evidence_sealed` text,
	`at` integer NOT NULL,
	`recorded_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `consents_by_number` ON `consents` (`to_index`,`storefront`,`at`);--> statement-breakpoint
CREATE TABLE `content_rules` (
	`storefront` text PRIMARY KEY NOT NULL,
	`policies` text NOT NULL,
	`words_version` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `content_words` (
	`storefront` text NOT NULL,
	`key` text NOT NULL,
	`word` text NOT NULL,
	`category` text NOT NULL,
	`severity` text NOT NULL,
	PRIMARY KEY(`storefront`, `key`)
);
--> statement-breakpoint
CREATE TABLE `policies` (
	`storefront` text PRIMARY KEY NOT NULL,
	`own` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `suppressions` (
	`id` text NOT NULL,
	`storefront` text NOT NULL,
	`scope` text NOT NULL,
	`to_index` text NOT NULL,
	`to_sealed` text NOT NULL,
	`reason` text NOT NULL,
	`source` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`storefront`, `to_index`, `scope`)
);
--> statement-breakpoint
CREATE INDEX `suppressions_by_storefront` ON `suppressions` (`storefront`,`id`);--> statement-breakpoint
CREATE TABLE `contacts` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`to_sealed` text NOT NULL,
	`to_index` text NOT NULL,
	`country` text NOT NULL,
	`attributes` text NOT NULL,
	`timezone` text,
	`city` text,
	`locale` text,
	`birthday` text,
	`lifecycle` text,
	`lifecycle_at` integer,
	`last_order_at` integer,
	`orders` integer,
	`spent` real,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `contacts_by_number` ON `contacts` (`to_index`,`storefront`);--> statement-breakpoint
CREATE INDEX `contacts_by_storefront` ON `contacts` (`storefront`,`id`);--> statement-breakpoint
CREATE TABLE `conversion_settings` (
	`storefront` text PRIMARY KEY NOT NULL,
	`click_days` integer NOT NULL,
	`delivery_days` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `conversions` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`order_id` text NOT NULL,
	`to_sealed` text NOT NULL,
	`to_index` text NOT NULL,
	`value_amount` text NOT NULL,
	`value_currency` text NOT NULL,
	`occurred_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`message` text,
	`campaign` text,
	`variant` text,
	`attributed_by` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `conversions_by_order` ON `conversions` (`storefront`,`order_id`);--> statement-breakpoint
CREATE INDEX `conversions_by_storefront` ON `conversions` (`storefront`,`id`);--> statement-breakpoint
CREATE INDEX `conversions_by_time` ON `conversions` (`occurred_at`);--> statement-breakpoint
CREATE INDEX `conversions_by_number` ON `conversions` (`to_index`);--> statement-breakpoint
CREATE INDEX `conversions_by_campaign` ON `conversions` (`campaign`) WHERE campaign IS NOT NULL;--> statement-breakpoint
CREATE TABLE `flags` (
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`reason` text NOT NULL,
	`since` integer NOT NULL,
	PRIMARY KEY(`kind`, `name`)
);
--> statement-breakpoint
CREATE TABLE `keyword_rules` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`name` text NOT NULL,
	`keywords` text NOT NULL,
	`match` text NOT NULL,
	`tag` text,
	`answer` text,
	`event` text,
	`survey` text,
	`enabled` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `keyword_rules_by_storefront` ON `keyword_rules` (`storefront`,`id`);--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`rows` integer DEFAULT 0 NOT NULL,
	`people` integer DEFAULT 0 NOT NULL,
	`duplicates` integer DEFAULT 0 NOT NULL,
	`counts` text,
	`errors` text DEFAULT '[]' NOT NULL,
	`error_count` integer DEFAULT 0 NOT NULL,
	`reason` text,
	`cursor` text,
	`created_at` integer NOT NULL,
	`ended_at` integer
);
--> statement-breakpoint
CREATE INDEX `jobs_by_storefront` ON `jobs` (`storefront`,`id`);--> statement-breakpoint
CREATE TABLE `bill_lines` (
	`bill` text NOT NULL,
	`line` text NOT NULL,
	`name` text NOT NULL,
	`segments` integer,
	`amount` integer,
	`verdict` text,
	`message` text,
	`our_segments` integer,
	`our_amount` integer,
	PRIMARY KEY(`bill`, `line`)
);
--> statement-breakpoint
CREATE INDEX `bill_lines_by_verdict` ON `bill_lines` (`bill`,`verdict`,`line`);--> statement-breakpoint
CREATE INDEX `bill_lines_by_message` ON `bill_lines` (`bill`,`message`);--> statement-breakpoint
CREATE TABLE `bills` (
	`id` text PRIMARY KEY NOT NULL,
	`status` text NOT NULL,
	`job` text,
	`account` text,
	`currency` text,
	`digest` text,
	`after` integer,
	`before` integer,
	`first_at` integer,
	`last_at` integer,
	`rows` integer DEFAULT 0 NOT NULL,
	`shard` integer DEFAULT 0 NOT NULL,
	`seq` integer DEFAULT 0 NOT NULL,
	`held_until` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `bills_by_digest` ON `bills` (`account`,`digest`);--> statement-breakpoint
CREATE TABLE `ledger_marks` (
	`shard` integer PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `ledger_totals` (
	`day` integer NOT NULL,
	`storefront` text NOT NULL,
	`debit` text NOT NULL,
	`credit` text NOT NULL,
	`provider` text NOT NULL,
	`country` text NOT NULL,
	`currency` text NOT NULL,
	`amount` integer NOT NULL,
	`segments` integer NOT NULL,
	`entries` integer NOT NULL,
	PRIMARY KEY(`day`, `storefront`, `debit`, `credit`, `provider`, `country`, `currency`)
);
--> statement-breakpoint
CREATE TABLE `packages` (
	`id` text PRIMARY KEY NOT NULL,
	`account` text NOT NULL,
	`provider` text NOT NULL,
	`country` text,
	`segments` integer NOT NULL,
	`amount` text NOT NULL,
	`currency` text NOT NULL,
	`valid_from` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used` integer DEFAULT 0 NOT NULL,
	`in_force` integer DEFAULT false NOT NULL,
	`posted` integer DEFAULT false NOT NULL,
	`warned_percent` integer,
	`warned_expiry` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `clicks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text NOT NULL,
	`kind` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `clicks_by_code` ON `clicks` (`code`,`at`);--> statement-breakpoint
CREATE INDEX `clicks_by_time` ON `clicks` (`at`);--> statement-breakpoint
CREATE TABLE `links` (
	`code` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`target_sealed` text NOT NULL,
	`message` text,
	`campaign` text,
	`variant` text,
	`to_index` text,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`clicks` integer DEFAULT 0 NOT NULL,
	`fetches` integer DEFAULT 0 NOT NULL,
	`clicked_at` integer
);
--> statement-breakpoint
CREATE INDEX `links_by_number` ON `links` (`to_index`);--> statement-breakpoint
CREATE INDEX `links_by_end` ON `links` (`expires_at`) WHERE expires_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `links_by_campaign` ON `links` (`campaign`,`clicked_at`) WHERE campaign IS NOT NULL;--> statement-breakpoint
CREATE TABLE `credentials` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`account_id` text NOT NULL,
	`provider_id` text NOT NULL,
	`password` text,
	`access_token` text,
	`refresh_token` text,
	`id_token` text,
	`access_token_expires_at` integer,
	`refresh_token_expires_at` integer,
	`scope` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `credentials_by_person` ON `credentials` (`user_id`,`provider_id`);--> statement-breakpoint
CREATE TABLE `passkeys` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text,
	`credential_id` text NOT NULL,
	`public_key` text NOT NULL,
	`counter` integer NOT NULL,
	`device_type` text NOT NULL,
	`backed_up` integer NOT NULL,
	`transports` text,
	`aaguid` text,
	`created_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `passkeys_credential_id_unique` ON `passkeys` (`credential_id`);--> statement-breakpoint
CREATE INDEX `passkeys_by_person` ON `passkeys` (`user_id`);--> statement-breakpoint
CREATE TABLE `people` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`storefront` text,
	`disabled_at` integer,
	`invitation` text,
	`invited_until` integer,
	`email_verified` integer DEFAULT true NOT NULL,
	`image` text,
	`two_factor_enabled` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `people_email_unique` ON `people` (`email`);--> statement-breakpoint
CREATE UNIQUE INDEX `people_invitation_unique` ON `people` (`invitation`);--> statement-breakpoint
CREATE INDEX `people_by_storefront` ON `people` (`storefront`,`id`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`token` text NOT NULL,
	`started_at` integer NOT NULL,
	`authenticated_at` integer NOT NULL,
	`seen_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ip_address` text,
	`user_agent` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_token_unique` ON `sessions` (`token`);--> statement-breakpoint
CREATE INDEX `sessions_by_person` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE TABLE `sign_in_attempts` (
	`name` text PRIMARY KEY NOT NULL,
	`failures` integer NOT NULL,
	`last_at` integer NOT NULL,
	`blocked_until` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sign_in_challenges` (
	`id` text PRIMARY KEY NOT NULL,
	`identifier` text NOT NULL,
	`value` text NOT NULL,
	`expires_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sign_in_challenges_by_identifier` ON `sign_in_challenges` (`identifier`);--> statement-breakpoint
CREATE INDEX `sign_in_challenges_by_end` ON `sign_in_challenges` (`expires_at`);--> statement-breakpoint
CREATE TABLE `two_factors` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`secret` text NOT NULL,
	`backup_codes` text NOT NULL,
	`verified` integer DEFAULT true NOT NULL,
	`failed_verification_count` integer DEFAULT 0 NOT NULL,
	`locked_until` integer
);
--> statement-breakpoint
CREATE INDEX `two_factors_by_person` ON `two_factors` (`user_id`);--> statement-breakpoint
CREATE TABLE `legal_holds` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text,
	`to_sealed` text,
	`to_index` text,
	`campaign` text,
	`reason_sealed` text NOT NULL,
	`until` integer,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `legal_holds_by_number` ON `legal_holds` (`to_index`) WHERE to_index IS NOT NULL;--> statement-breakpoint
CREATE INDEX `legal_holds_by_campaign` ON `legal_holds` (`campaign`) WHERE campaign IS NOT NULL;--> statement-breakpoint
CREATE TABLE `product_interests` (
	`storefront` text NOT NULL,
	`to_index` text NOT NULL,
	`product` text NOT NULL,
	`seen_at` integer NOT NULL,
	`bought_at` integer,
	PRIMARY KEY(`storefront`, `to_index`, `product`)
);
--> statement-breakpoint
CREATE INDEX `product_interests_by_number` ON `product_interests` (`to_index`,`seen_at`);--> statement-breakpoint
CREATE INDEX `product_interests_by_time` ON `product_interests` (`seen_at`);--> statement-breakpoint
CREATE TABLE `product_pairs` (
	`storefront` text NOT NULL,
	`a` text NOT NULL,
	`b` text NOT NULL,
	`weight` real NOT NULL,
	PRIMARY KEY(`storefront`, `a`, `b`)
);
--> statement-breakpoint
CREATE TABLE `products` (
	`storefront` text NOT NULL,
	`id` text NOT NULL,
	`name` text,
	`url` text,
	`available` integer DEFAULT true NOT NULL,
	`seen` real DEFAULT 0 NOT NULL,
	`sold` real DEFAULT 0 NOT NULL,
	PRIMARY KEY(`storefront`, `id`)
);
--> statement-breakpoint
CREATE INDEX `products_by_sales` ON `products` (`storefront`,`sold`);--> statement-breakpoint
CREATE TABLE `event_outcomes` (
	`event` text NOT NULL,
	`rule` text NOT NULL,
	`status` text NOT NULL,
	`reason` text,
	`detail` text,
	`message` text,
	`recipient` text,
	`due_at` integer NOT NULL,
	PRIMARY KEY(`event`, `rule`)
);
--> statement-breakpoint
CREATE INDEX `outcomes_by_due` ON `event_outcomes` (`due_at`) WHERE status IN ('waiting', 'sending');--> statement-breakpoint
CREATE INDEX `outcomes_by_recipient` ON `event_outcomes` (`recipient`,`rule`) WHERE status = 'waiting';--> statement-breakpoint
CREATE TABLE `events` (
	`key` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`sandbox` integer NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`body_sealed` text NOT NULL,
	`to_index` text,
	`matched` text NOT NULL,
	`occurred_at` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `events_by_id` ON `events` (`storefront`,`sandbox`,`id`);--> statement-breakpoint
CREATE INDEX `events_by_storefront` ON `events` (`storefront`,`sandbox`,`key`);--> statement-breakpoint
CREATE INDEX `events_by_name` ON `events` (`storefront`,`name`,`key`);--> statement-breakpoint
CREATE INDEX `events_by_number` ON `events` (`to_index`,`key`);--> statement-breakpoint
CREATE TABLE `hooks` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`shop` text NOT NULL,
	`token_name` text NOT NULL,
	`secret_sealed` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `hooks_by_token` ON `hooks` (`token_name`);--> statement-breakpoint
CREATE TABLE `rule_clocks` (
	`rule` text PRIMARY KEY NOT NULL,
	`done_until` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `rule_versions` (
	`rule` text NOT NULL,
	`version` integer NOT NULL,
	`definition` text NOT NULL,
	`actor` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`rule`, `version`)
);
--> statement-breakpoint
CREATE TABLE `rules` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`version` integer NOT NULL,
	`preset` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `rules_by_preset` ON `rules` (`storefront`,`preset`) WHERE preset IS NOT NULL;--> statement-breakpoint
CREATE TABLE `webhook_endpoints` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`url_sealed` text NOT NULL,
	`events` text NOT NULL,
	`secret_sealed` text NOT NULL,
	`previous_sealed` text,
	`previous_until` integer,
	`disabled` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `webhook_endpoints_by_storefront` ON `webhook_endpoints` (`storefront`,`id`);--> statement-breakpoint
ALTER TABLE `sender_filings` ADD `provider_sender_id` text;--> statement-breakpoint
ALTER TABLE `provider_accounts` ADD `previous_token_sealed` text;--> statement-breakpoint
ALTER TABLE `provider_accounts` ADD `previous_token_until` integer;--> statement-breakpoint
ALTER TABLE `provider_accounts` ADD `refunds` integer;--> statement-breakpoint
ALTER TABLE `replies` ADD `verified` integer;--> statement-breakpoint
ALTER TABLE `replies` ADD `key` text;--> statement-breakpoint
ALTER TABLE `replies` ADD `storefront` text;--> statement-breakpoint
ALTER TABLE `replies` ADD `message` text;--> statement-breakpoint
ALTER TABLE `replies` ADD `intent` text;--> statement-breakpoint
ALTER TABLE `replies` ADD `status` text;--> statement-breakpoint
ALTER TABLE `replies` ADD `reason` text;--> statement-breakpoint
ALTER TABLE `replies` ADD `tags` text;--> statement-breakpoint
ALTER TABLE `replies` ADD `answer` text;--> statement-breakpoint
ALTER TABLE `replies` ADD `note_sealed` text;--> statement-breakpoint
ALTER TABLE `replies` ADD `tries` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `replies` ADD `handled_at` integer;--> statement-breakpoint
ALTER TABLE `replies` ADD `erased_at` integer;--> statement-breakpoint
CREATE INDEX `replies_by_age` ON `replies` (`received_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `replies_by_key` ON `replies` (`key`);--> statement-breakpoint
CREATE INDEX `replies_by_storefront` ON `replies` (`storefront`,`status`,`key`);--> statement-breakpoint
CREATE INDEX `replies_by_storefront_and_key` ON `replies` (`storefront`,`key`);--> statement-breakpoint
CREATE INDEX `replies_unhandled` ON `replies` (`received_at`) WHERE handled_at IS NULL;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `last_used_at` integer;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `warned_days` integer;