import type { Database } from "../db/client.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import {
  checkDraft,
  type DeclaredVariable,
  type DraftFault,
  keptVariables,
} from "./check-draft.ts";
import { type FindContent, refusedIn } from "./content.ts";
import {
  type Author,
  changeTemplate,
  createDraft,
  deleteTemplate,
  findTemplate,
  type StoredTemplate,
} from "./store.ts";
import type { TemplateHead } from "./template.ts";

export interface EditDeps {
  readonly db: Database;
  readonly findContent: FindContent;
  /** Makes the next request read the configuration anew. */
  readonly changed: () => void;
}

export type EditRefusal =
  | { readonly code: "faulty-draft" | "content-rejected"; readonly faults: readonly DraftFault[] }
  | { readonly code: "name-taken" }
  | { readonly code: "changed-meanwhile" };

export interface NewTemplate extends TemplateHead {
  readonly sender: string;
  readonly body: string;
  readonly variables: readonly DeclaredVariable[];
}

export interface TemplateChange {
  readonly name?: string | undefined;
  readonly sender?: string | undefined;
  readonly body?: string | undefined;
  readonly variables?: readonly DeclaredVariable[] | undefined;
}

async function stored(db: Database, id: string): Promise<StoredTemplate> {
  const found = await findTemplate(db, id);
  if (!found) throw new Error("a template was gone as soon as it was written");
  return found;
}

/** A draft, version 1. */
export async function createTemplate(
  deps: EditDeps,
  input: NewTemplate,
  by: Author,
): Promise<Result<StoredTemplate, EditRefusal>> {
  const variables = checkDraft(input);
  if (!variables.ok) return fail({ code: "faulty-draft", faults: variables.error });
  const template = { ...input, version: 1, variables: variables.value, bindings: [] };
  const refused = refusedIn(await deps.findContent(template));
  if (refused.length > 0) return fail({ code: "content-rejected", faults: refused });
  if (!(await createDraft(deps.db, template, by))) return fail({ code: "name-taken" });
  return ok(await stored(deps.db, input.id));
}

/** Another text or sender makes the next version, a draft; another name does not. */
export async function editTemplate(
  deps: EditDeps,
  template: StoredTemplate,
  change: TemplateChange,
  by: Author,
): Promise<Result<StoredTemplate, EditRefusal>> {
  const name = change.name ?? template.name;
  const sender = change.sender ?? template.sender;
  const body = change.body ?? template.body;
  const declared = change.variables ?? keptVariables(template, body);
  const variables = checkDraft({ category: template.category, body, variables: declared });
  if (!variables.ok) return fail({ code: "faulty-draft", faults: variables.error });

  const isSameText =
    sender === template.sender &&
    body === template.body &&
    JSON.stringify(variables.value) === JSON.stringify(template.variables);
  if (isSameText && name === template.name) return ok(template);
  const text = { ...template, body, variables: variables.value };
  const refused = isSameText ? [] : refusedIn(await deps.findContent(text));
  if (refused.length > 0) return fail({ code: "content-rejected", faults: refused });
  const version = template.standing.version + 1;
  const next = isSameText ? null : { version, sender, body, variables: variables.value };
  if (!(await changeTemplate(deps.db, { id: template.id, name }, next, by))) {
    return fail({ code: name === template.name ? "changed-meanwhile" : "name-taken" });
  }
  deps.changed();
  return ok(await stored(deps.db, template.id));
}

/** From the next request on nothing is sent with it. */
export async function removeTemplate(deps: EditDeps, id: string): Promise<void> {
  await deleteTemplate(deps.db, id);
  deps.changed();
}
