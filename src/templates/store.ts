import type { Database } from "../db/client.ts";
import { templateBindings, templates } from "./table.ts";
import type { Template } from "./template.ts";

/** All templates with what the accounts call them. */
export async function listTemplates(db: Database): Promise<Template[]> {
  const [rows, bindings] = await db.batch([
    db.select().from(templates).orderBy(templates.id),
    db.select().from(templateBindings),
  ]);
  return rows.map((row) => ({
    ...row,
    bindings: bindings.filter((binding) => binding.template === row.id),
  }));
}

export const insertTemplate = (db: Database, template: Template) =>
  [
    db.insert(templates).values(template),
    ...template.bindings.map((binding) =>
      db.insert(templateBindings).values({
        ...binding,
        template: template.id,
        parameters: [...binding.parameters],
      }),
    ),
  ] as const;
