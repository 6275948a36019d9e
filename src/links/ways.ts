import type { Link, NewLink } from "./link.ts";

/** What endpoints ask for. */
export interface LinkWays {
  /** Answers its code. */
  create(link: NewLink): Promise<string>;
  find(code: string): Promise<Link | null>;
  /** What people open. */
  urlOf(storefront: { readonly domain: string }, code: string): string;
}
