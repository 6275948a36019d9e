CREATE TABLE `abuse_refusals` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`rule` text NOT NULL,
	`demand` text NOT NULL,
	`count` integer NOT NULL,
	`to_sealed` text,
	`to_index` text,
	`country` text,
	`purpose` text,
	`address` text,
	`device` text,
	`network` text,
	`en` text,
	`zh` text,
	`until` integer,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `abuse_refusals_by_storefront` ON `abuse_refusals` (`storefront`,`id`);--> statement-breakpoint
CREATE INDEX `abuse_refusals_by_number` ON `abuse_refusals` (`to_index`) WHERE to_index IS NOT NULL;--> statement-breakpoint
CREATE INDEX `abuse_refusals_by_time` ON `abuse_refusals` (`at`);--> statement-breakpoint
CREATE TABLE `anomalies` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`category` text NOT NULL,
	`metric` text NOT NULL,
	`hour` integer NOT NULL,
	`observed` real NOT NULL,
	`expected` real NOT NULL,
	`currency` text,
	`found_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `anomalies_by_storefront` ON `anomalies` (`storefront`,`id`);--> statement-breakpoint
CREATE TABLE `hour_figures` (
	`storefront` text NOT NULL,
	`category` text NOT NULL,
	`hour` integer NOT NULL,
	`texts` integer DEFAULT 0 NOT NULL,
	`delivered` integer DEFAULT 0 NOT NULL,
	`undelivered` integer DEFAULT 0 NOT NULL,
	`approved` integer DEFAULT 0 NOT NULL,
	`unused` integer DEFAULT 0 NOT NULL,
	`billed` integer DEFAULT 0 NOT NULL,
	`cost_micros` integer DEFAULT 0 NOT NULL,
	`currency` text,
	PRIMARY KEY(`storefront`, `category`, `hour`)
);
--> statement-breakpoint
CREATE INDEX `hour_figures_by_hour` ON `hour_figures` (`hour`);--> statement-breakpoint
CREATE TABLE `job_errors` (
	`job` text NOT NULL,
	`n` integer NOT NULL,
	`row` integer NOT NULL,
	`message` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`job`, `n`)
);
--> statement-breakpoint
CREATE INDEX `job_errors_by_age` ON `job_errors` (`at`);--> statement-breakpoint
ALTER TABLE `api_keys` ADD `created_by` text;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `exposed_at` integer;
