import type { Result } from "../lib/result.ts";
import type { Erased, EraseRefusal } from "./erase-person.ts";
import type { PersonExport } from "./export-person.ts";
import type { Person } from "./person.ts";

/** What endpoints ask for; a storefront of null is all of them. */
export interface PrivacyWays {
  /** Answers the id of the job, of one that goes on already where there is one. */
  beginRotation(): Promise<string>;
  erasePerson(e164: string, storefront: string | null): Promise<Result<Erased, EraseRefusal>>;
  exportPerson(
    person: Person,
    page: { readonly limit: number; readonly below: string | undefined },
  ): Promise<PersonExport>;
}
