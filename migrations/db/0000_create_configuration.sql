CREATE TABLE `storefronts` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`domain` text NOT NULL,
	`default_country` text NOT NULL,
	`timezone` text NOT NULL,
	`locale` text NOT NULL,
	`currency` text NOT NULL,
	`sender` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `senders` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`name` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `template_bindings` (
	`template` text NOT NULL,
	`account` text NOT NULL,
	`region` text NOT NULL,
	`provider_template_id` text NOT NULL,
	`status` text NOT NULL,
	`parameters` text NOT NULL,
	PRIMARY KEY(`template`, `account`, `region`)
);
--> statement-breakpoint
CREATE INDEX `bindings_by_account` ON `template_bindings` (`account`);--> statement-breakpoint
CREATE TABLE `templates` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`name` text NOT NULL,
	`category` text NOT NULL,
	`channel` text NOT NULL,
	`sender` text NOT NULL,
	`locale` text NOT NULL,
	`body` text NOT NULL,
	`status` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `templates_by_name` ON `templates` (`storefront`,`name`,`locale`);--> statement-breakpoint
CREATE TABLE `provider_accounts` (
	`id` text PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`name` text NOT NULL,
	`credentials_sealed` text NOT NULL,
	`endpoint` text NOT NULL,
	`token_sealed` text NOT NULL,
	`enabled` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `route_tables` (
	`id` integer PRIMARY KEY NOT NULL,
	`rules` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `verification_settings` (
	`storefront` text PRIMARY KEY NOT NULL,
	`settings` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `configuration_versions` (
	`id` integer PRIMARY KEY NOT NULL,
	`version` integer NOT NULL
);
