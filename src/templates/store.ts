import { and, eq } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { templateBindings, templates, templateVersions } from "./table.ts";
import type { Binding, Template } from "./template.ts";

const bindingRow = (template: string, version: number, binding: Binding) => ({
  ...binding,
  template,
  version,
  parameters: [...binding.parameters],
});

/** Every template that has an approved version, as that version. */
export async function listTemplates(db: Database): Promise<Template[]> {
  const live = and(
    eq(templateVersions.template, templates.id),
    eq(templateVersions.version, templates.liveVersion),
  );
  // Not as one batch: there D1 names columns, and those of the two tables would be one.
  const [rows, bindings] = await Promise.all([
    db.select().from(templates).innerJoin(templateVersions, live).orderBy(templates.id),
    db.select().from(templateBindings),
  ]);
  return rows.map(({ templates: head, template_versions: version }) => ({
    id: head.id,
    storefront: head.storefront,
    name: head.name,
    category: head.category,
    channel: head.channel,
    locale: head.locale,
    version: version.version,
    sender: version.sender,
    body: version.body,
    variables: version.variables,
    bindings: bindings.filter(
      (binding) => binding.template === head.id && binding.version === version.version,
    ),
  }));
}

/** Writes a template whose first version is approved already. */
export const insertTemplate = (
  db: Database,
  template: Template,
  by: { readonly actor: string; readonly now: number },
) =>
  [
    db.insert(templates).values({
      id: template.id,
      storefront: template.storefront,
      name: template.name,
      category: template.category,
      channel: template.channel,
      locale: template.locale,
      version: template.version,
      status: "approved",
      liveVersion: template.version,
      submittedBy: by.actor,
      createdAt: by.now,
      updatedAt: by.now,
    }),
    db.insert(templateVersions).values({
      template: template.id,
      version: template.version,
      sender: template.sender,
      body: template.body,
      variables: [...template.variables],
      actor: by.actor,
      createdAt: by.now,
    }),
    ...template.bindings.map((binding) =>
      db.insert(templateBindings).values(bindingRow(template.id, template.version, binding)),
    ),
  ] as const;
