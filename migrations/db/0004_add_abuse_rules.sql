CREATE TABLE `abuse_rules` (
	`storefront` text PRIMARY KEY NOT NULL,
	`rules` text NOT NULL
);
