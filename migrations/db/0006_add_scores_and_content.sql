CREATE TABLE `rfm_cuts` (
	`storefront` text PRIMARY KEY NOT NULL,
	`day` integer NOT NULL,
	`cuts` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `contacts` ADD `rfm_recency` integer;--> statement-breakpoint
ALTER TABLE `contacts` ADD `rfm_frequency` integer;--> statement-breakpoint
ALTER TABLE `contacts` ADD `rfm_monetary` integer;--> statement-breakpoint
ALTER TABLE `template_versions` ADD `content` text;
--> statement-breakpoint
-- A budget of texts becomes what as many of an unknown price cost.
UPDATE `abuse_rules` SET `rules` = json_set(`rules`, '$.spend', json_object(
  'mode', `rules` ->> '$.spend.mode',
  'per_day', json_object('amount', printf('%d.%d', (`rules` ->> '$.spend.texts_per_day') / 10, (`rules` ->> '$.spend.texts_per_day') % 10), 'currency', 'CNY'),
  'countries', (SELECT json_group_object(key, json_object('amount', printf('%d.%d', value / 10, value % 10), 'currency', 'CNY')) FROM json_each(`rules`, '$.spend.countries')),
  'unknown_price', '0.1'
)) WHERE json_type(`rules`, '$.spend.texts_per_day') IS NOT NULL;
