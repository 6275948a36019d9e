CREATE TABLE `opt_out_notices` (
	`id` text NOT NULL,
	`account` text NOT NULL,
	`to_index` text NOT NULL,
	`to_sealed` text NOT NULL,
	`via` text NOT NULL,
	`at` integer NOT NULL,
	`due_at` integer NOT NULL,
	`tries` integer NOT NULL,
	PRIMARY KEY(`account`, `to_index`)
);
--> statement-breakpoint
CREATE INDEX `opt_out_notices_by_due` ON `opt_out_notices` (`due_at`);--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_template_bindings` (
	`template` text NOT NULL,
	`version` integer NOT NULL,
	`account` text NOT NULL,
	`region` text NOT NULL,
	`provider_template_id` text NOT NULL,
	`status` text NOT NULL,
	`detail` text,
	`parameters` text NOT NULL,
	`frame` text DEFAULT '' NOT NULL,
	PRIMARY KEY(`template`, `version`, `account`, `region`, `frame`)
);
--> statement-breakpoint
INSERT INTO `__new_template_bindings`("template", "version", "account", "region", "provider_template_id", "status", "detail", "parameters", "frame") SELECT "template", "version", "account", "region", "provider_template_id", "status", "detail", "parameters", '' FROM `template_bindings`;--> statement-breakpoint
DROP TABLE `template_bindings`;--> statement-breakpoint
ALTER TABLE `__new_template_bindings` RENAME TO `template_bindings`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `bindings_by_account` ON `template_bindings` (`account`);--> statement-breakpoint
ALTER TABLE `suppressions` ADD `also_source` text;--> statement-breakpoint
ALTER TABLE `suppressions` ADD `last_at` integer;
--> statement-breakpoint
-- Nothing was kept of opt-outs that were said again: only a consent from now on ends one.
UPDATE suppressions SET last_at = unixepoch() * 1000,
  also_source = iif((storefront, to_index) IN (SELECT storefront, to_index FROM complaints), 'complaint', NULL)
WHERE source = 'reply';
