CREATE TABLE `sandbox_messages` (
	`id` text PRIMARY KEY NOT NULL,
	`storefront` text NOT NULL,
	`category` text NOT NULL,
	`verification` text,
	`to_sealed` text NOT NULL,
	`text_sealed` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sandbox_messages_by_storefront` ON `sandbox_messages` (`storefront`,`id`);--> statement-breakpoint
CREATE INDEX `sandbox_messages_by_age` ON `sandbox_messages` (`created_at`);