CREATE INDEX `contacts_by_last_order` ON `contacts` (`storefront`,`last_order_at`,`orders`) WHERE orders > 0;--> statement-breakpoint
CREATE INDEX `contacts_by_orders` ON `contacts` (`storefront`,`orders`) WHERE orders > 0;--> statement-breakpoint
CREATE INDEX `contacts_by_spent` ON `contacts` (`storefront`,`spent`,`orders`) WHERE orders > 0;
