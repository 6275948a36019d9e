import type { Category } from "../messages/message.ts";
import type { DraftFault } from "./check-draft.ts";
import type { RichContent } from "./rich-content.ts";
import type { Variable } from "./template.ts";

/** A text as its words are judged. */
export interface JudgedText {
  readonly storefront: string;
  readonly category: Category;
  readonly body: string;
  readonly content?: RichContent | null;
  readonly variables: readonly Variable[];
}

/** Something in the words of a draft. `hold`: a person approves it knowingly, or nobody does. */
export interface ContentFault extends DraftFault {
  readonly severity: "refuse" | "hold" | "observe";
}

export type FindContent = (text: JudgedText) => Promise<readonly ContentFault[]>;

/** Those for which a draft is not taken. */
export const refusedIn = (found: readonly ContentFault[]): DraftFault[] =>
  found.filter((one) => one.severity === "refuse").map(({ path, message }) => ({ path, message }));
