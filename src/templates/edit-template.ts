import type { Database } from "../db/client.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import {
  checkDraft,
  type DeclaredVariable,
  type DraftFault,
  keptVariables,
} from "./check-draft.ts";
import { bodyOf, type RichContent } from "./rich-content.ts";
import { type FindContent, refusedIn } from "./screened-text.ts";
import {
  type Author,
  changeTemplate,
  createDraft,
  deleteTemplate,
  findTemplate,
  pageTemplates,
  type StoredTemplate,
} from "./store.ts";
import type { Template, TemplateHead } from "./template.ts";

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
  readonly content?: RichContent | null;
  readonly variables: readonly DeclaredVariable[];
}

export interface TemplateChange {
  readonly name?: string | undefined;
  readonly sender?: string | undefined;
  readonly body?: string | undefined;
  /** Its texts are then the body. */
  readonly content?: RichContent | undefined;
  readonly variables?: readonly DeclaredVariable[] | undefined;
}

async function stored(db: Database, id: string): Promise<StoredTemplate> {
  const found = await findTemplate(db, id);
  if (!found) throw new Error("a template was gone as soon as it was written");
  return found;
}

/** What a handset that can't show the content gets must be a text of the same kind. */
async function faultyFallback(
  db: Database,
  { storefront, category, content }: Pick<Template, "storefront" | "category" | "content">,
): Promise<DraftFault | null> {
  const name = content?.fallback ?? null;
  if (name === null) return null;
  const filter = { storefront, name, category, channel: "sms" } as const;
  const [found] = await pageTemplates(db, filter, 1);
  if (found) return null;
  const message = "must be a text message of this category · 须为本店铺同类别的短信模板";
  return { path: "content.fallback", message };
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
  const lost = await faultyFallback(deps.db, template);
  if (lost) return fail({ code: "faulty-draft", faults: [lost] });
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
  const content = change.content ?? template.content ?? null;
  const body = change.content ? bodyOf(change.content) : (change.body ?? template.body);
  const declared = change.variables ?? keptVariables(template, body);
  const variables = checkDraft({
    category: template.category,
    body,
    content,
    variables: declared,
  });
  if (!variables.ok) return fail({ code: "faulty-draft", faults: variables.error });

  const isSameText =
    sender === template.sender &&
    body === template.body &&
    JSON.stringify(content) === JSON.stringify(template.content ?? null) &&
    JSON.stringify(variables.value) === JSON.stringify(template.variables);
  if (isSameText && name === template.name) return ok(template);
  const text = { ...template, body, content, variables: variables.value };
  const lost = isSameText ? null : await faultyFallback(deps.db, text);
  if (lost) return fail({ code: "faulty-draft", faults: [lost] });
  const refused = isSameText ? [] : refusedIn(await deps.findContent(text));
  if (refused.length > 0) return fail({ code: "content-rejected", faults: refused });
  const version = template.standing.version + 1;
  const next = isSameText ? null : { version, sender, body, content, variables: variables.value };
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
