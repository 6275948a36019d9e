CREATE TABLE `attempts` (
	`message_id` text NOT NULL,
	`n` integer NOT NULL,
	`provider` text NOT NULL,
	`account` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`outcome` text NOT NULL,
	`reason` text,
	`code` text,
	`detail` text,
	`provider_message_id` text,
	PRIMARY KEY(`message_id`, `n`)
);
--> statement-breakpoint
CREATE INDEX `attempts_by_provider_id` ON `attempts` (`provider_message_id`);--> statement-breakpoint
CREATE TABLE `messages` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`verification` text,
	`category` text NOT NULL,
	`channel` text NOT NULL,
	`purpose` text,
	`sender` text NOT NULL,
	`to_sealed` text NOT NULL,
	`to_index` text NOT NULL,
	`country` text NOT NULL,
	`template` text NOT NULL,
	`locale` text NOT NULL,
	`text_sealed` text NOT NULL,
	`status` text NOT NULL,
	`status_rank` integer NOT NULL,
	`reason` text,
	`provider` text,
	`account` text,
	`provider_message_id` text,
	`segments` integer,
	`error_code` text,
	`provider_response` text,
	`reference` text,
	`created_at` integer NOT NULL,
	`sent_at` integer,
	`delivered_at` integer,
	`trace` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `messages_by_number` ON `messages` (`to_index`,`id`);--> statement-breakpoint
CREATE INDEX `messages_by_storefront` ON `messages` (`storefront`,`id`);