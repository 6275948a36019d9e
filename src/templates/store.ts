import { and, desc, eq, inArray, isNull, lt, type SQL, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { raiseVersion } from "../db/snapshot.ts";
import { isTaken } from "../db/unique.ts";
import { bindingRow, toBinding } from "./bindings/store.ts";
import type { Standing } from "./standing.ts";
import { templateBindings, templates, templateVersions } from "./table.ts";
import type { Template, TemplateHead, TemplateVersion } from "./template.ts";

/** A template with its newest version, or with the one that was asked for. */
export type StoredTemplate = Template & {
  /** Who wrote this version. */
  readonly author: string;
  readonly standing: Standing;
  readonly createdAt: number;
  readonly updatedAt: number;
};

export interface TemplateFilter {
  readonly storefront?: string | undefined;
  readonly name?: string | undefined;
  readonly category?: Template["category"] | undefined;
  readonly channel?: Template["channel"] | undefined;
  readonly locale?: string | undefined;
  readonly status?: Standing["status"] | undefined;
  /** Only ids below it: where the last page ended. */
  readonly below?: string | undefined;
}

/** Who did it, and when in milliseconds. */
export interface Author {
  readonly actor: string;
  readonly now: number;
}

const versionOf = (column: typeof templates.version | typeof templates.liveVersion) =>
  and(eq(templateVersions.template, templates.id), eq(templateVersions.version, column));

async function load(
  db: Database,
  where: SQL | undefined,
  column: typeof templates.version | typeof templates.liveVersion,
  limit = -1,
): Promise<StoredTemplate[]> {
  const rows = await db
    .select()
    .from(templates)
    .innerJoin(templateVersions, versionOf(column))
    .where(where)
    .orderBy(desc(templates.id))
    .limit(limit);
  // As one parameter: D1 takes a hundred at most.
  const ids = JSON.stringify(rows.map((row) => row.templates.id));
  const bindings = await db
    .select()
    .from(templateBindings)
    .where(inArray(templateBindings.template, sql`(SELECT value FROM json_each(${ids}))`))
    .orderBy(templateBindings.account, templateBindings.region);
  const keyOf = (id: string, version: number) => `${id} ${version}`;
  const byVersion = Map.groupBy(bindings, (one) => keyOf(one.template, one.version));
  return rows.map(({ templates: head, template_versions: edition }) => ({
    id: head.id,
    storefront: head.storefront,
    name: head.name,
    category: head.category,
    channel: head.channel,
    locale: head.locale,
    version: edition.version,
    sender: edition.sender,
    body: edition.body,
    content: edition.content,
    variables: edition.variables,
    author: edition.actor,
    bindings: (byVersion.get(keyOf(head.id, edition.version)) ?? []).map(toBinding),
    standing: {
      version: head.version,
      status: head.status,
      liveVersion: head.liveVersion,
      submittedBy: head.submittedBy,
    },
    createdAt: head.createdAt,
    updatedAt: head.updatedAt,
  }));
}

/** Every template that has an approved version, as that version, in the order of their ids. */
export const listTemplates = async (db: Database): Promise<Template[]> =>
  (await load(db, undefined, templates.liveVersion)).reverse();

/** Templates by their newest version, the newest template first. */
export function pageTemplates(
  db: Database,
  filter: TemplateFilter,
  limit: number,
): Promise<StoredTemplate[]> {
  const { storefront, name, category, channel, locale, status, below } = filter;
  const where = and(
    storefront ? eq(templates.storefront, storefront) : undefined,
    name ? eq(templates.name, name) : undefined,
    category ? eq(templates.category, category) : undefined,
    channel ? eq(templates.channel, channel) : undefined,
    locale ? eq(templates.locale, locale) : undefined,
    status ? eq(templates.status, status) : undefined,
    below ? lt(templates.id, below) : undefined,
  );
  return load(db, where, templates.version, limit);
}

export async function findTemplate(
  db: Database,
  id: string,
  which: "version" | "liveVersion" = "version",
): Promise<StoredTemplate | null> {
  const [found] = await load(db, eq(templates.id, id), templates[which], 1);
  return found ?? null;
}

const versionRow = (
  db: Database,
  id: string,
  { version, sender, body, content, variables }: Omit<TemplateVersion, "bindings">,
  by: Author,
) =>
  db.insert(templateVersions).values({
    template: id,
    version,
    sender,
    body,
    content: content ?? null,
    variables: [...variables],
    actor: by.actor,
    createdAt: by.now,
  });

/** The statements that write a template with its first version. */
export const insertTemplate = (
  db: Database,
  template: Template,
  standing: Omit<Standing, "version">,
  by: Author,
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
      ...standing,
      createdAt: by.now,
      updatedAt: by.now,
    }),
    versionRow(db, template.id, template, by),
    ...template.bindings.map((binding) => bindingRow(db, template.id, template.version, binding)),
  ] as const;

async function unlessTaken(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

/** False when the storefront has a template of this name and locale. */
export const createDraft = (db: Database, template: Template, by: Author): Promise<boolean> =>
  unlessTaken(() =>
    db.batch(
      insertTemplate(db, template, { status: "draft", liveVersion: null, submittedBy: null }, by),
    ),
  );

/** The next version, a draft again, or only the name. False: the name, or the version, is taken. */
export const changeTemplate = (
  db: Database,
  head: Pick<TemplateHead, "id" | "name">,
  next: Omit<TemplateVersion, "bindings"> | null,
  by: Author,
): Promise<boolean> => {
  const draft = next && { version: next.version, status: "draft" as const, submittedBy: null };
  const update = db
    .update(templates)
    .set({ name: head.name, ...draft, updatedAt: by.now })
    .where(eq(templates.id, head.id));
  const version = next ? [versionRow(db, head.id, next, by)] : [];
  return unlessTaken(() => db.batch([update, raiseVersion(db), ...version]));
};

/** Its versions stay, so that texts that were sent with them can be explained. */
export const deleteTemplate = (db: Database, id: string) =>
  db.batch([
    db.delete(templateBindings).where(eq(templateBindings.template, id)),
    db.delete(templates).where(eq(templates.id, id)),
    raiseVersion(db),
  ]);

/** Moves a template on; false when somebody changed it since it was read, if only by moving it. */
export async function moveTemplate(
  db: Database,
  { id, standing: from, updatedAt }: Pick<StoredTemplate, "id" | "standing" | "updatedAt">,
  to: Standing,
  now: number,
): Promise<boolean> {
  const { status, liveVersion, submittedBy } = to;
  const stands = and(
    eq(templates.id, id),
    eq(templates.version, from.version),
    eq(templates.status, from.status),
    eq(templates.updatedAt, updatedAt),
    from.liveVersion === null
      ? isNull(templates.liveVersion)
      : eq(templates.liveVersion, from.liveVersion),
  );
  const [moved] = await db.batch([
    db
      .update(templates)
      .set({ status, liveVersion, submittedBy, updatedAt: Math.max(now, updatedAt + 1) })
      .where(stands)
      .returning({ id: templates.id }),
    raiseVersion(db),
  ]);
  return moved.length > 0;
}

/** One version of a template with its bindings, or null. */
export async function findVersion(
  db: Database,
  template: string,
  version: number,
): Promise<TemplateVersion | null> {
  const [row] = await db
    .select()
    .from(templateVersions)
    .where(and(eq(templateVersions.template, template), eq(templateVersions.version, version)));
  if (!row) return null;
  const bindings = await db
    .select()
    .from(templateBindings)
    .where(and(eq(templateBindings.template, template), eq(templateBindings.version, version)));
  const { sender, body, content, variables } = row;
  return { version, sender, body, content, variables, bindings: bindings.map(toBinding) };
}
