import type { JudgedText } from "../../templates/screened-text.ts";
import type { ContentRules } from "./check-content.ts";
import type { Finding } from "./finding.ts";
import type { ContentPolicies } from "./policies.ts";
import type { Word } from "./words.ts";

/** The content checks as the API uses them. */
export interface ContentWays {
  readonly rulesOf: (storefront: string) => Promise<ContentRules>;
  /** All that is found in a template, a model's verdict included. */
  readonly findings: (text: JudgedText) => Promise<readonly Finding[]>;
  /** Applies the change to what is stored at that moment; the next request sees it. */
  readonly changePolicies: (
    storefront: string,
    change: (policies: ContentPolicies) => ContentPolicies,
  ) => Promise<ContentPolicies>;
  readonly importWords: (storefront: string, words: readonly Word[]) => Promise<void>;
}
