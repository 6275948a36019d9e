CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text,
	`name` text NOT NULL,
	`mode` text NOT NULL,
	`scopes` text NOT NULL,
	`hash` text NOT NULL,
	`previous_hash` text,
	`previous_until` integer,
	`expires_at` integer,
	`allowed_ips` text NOT NULL,
	`created_at` integer NOT NULL,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE INDEX `api_keys_by_storefront` ON `api_keys` (`storefront`,`id`);