import type { LoggedMessage, MessageLog } from "../messages/log.ts";
import type { Person } from "./person.ts";

/** What one part of the product keeps of a person, as he may read it. */
export type Exporter = (person: Person) => Promise<readonly unknown[]>;

export interface ExportPersonDeps {
  readonly log: Pick<MessageLog, "list">;
  /** By the name of what they tell. */
  readonly exporters: Readonly<Record<string, Exporter>>;
}

export interface PersonExport {
  /** One more than the limit when there are older ones. */
  readonly messages: readonly LoggedMessage[];
  /** By the name of the part; they come with the first page. */
  readonly others: Readonly<Record<string, readonly unknown[]>>;
}

/** All that is kept of a person who is not erased; his messages page by page, the newest first. */
export async function exportPerson(
  deps: ExportPersonDeps,
  person: Person,
  page: { readonly limit: number; readonly below: string | undefined },
): Promise<PersonExport> {
  const messages = await deps.log.list(
    {
      numbers: person.numbers,
      storefront: person.storefront ?? undefined,
      below: page.below,
    },
    page.limit + 1,
  );
  if (page.below !== undefined) return { messages, others: {} };
  const others = await Promise.all(
    Object.entries(deps.exporters).map(async ([name, read]) => [name, await read(person)] as const),
  );
  return { messages, others: Object.fromEntries(others) };
}
