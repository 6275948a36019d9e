import { ATTRIBUTE_NAME, isDate } from "../contacts/attributes.ts";
import { fail, ok, type Result } from "../lib/result.ts";

/** What the cells under one name are; null: they are left out. */
export type Column = {
  readonly name: string;
  readonly type: "field" | "guess" | "string" | "number" | "boolean" | "date" | "list";
} | null;

const FIELDS = new Set(["to", "country", "timezone", "city", "locale", "birthday"]);
const CONSENT = /^consent(_scope|_source|_text_version|_at)?$/;
const TYPES = ["string", "number", "boolean", "date", "list"] as const;

/** What the columns of others are called. */
const ALIASES: Readonly<Record<string, string>> = {
  phone: "to",
  phone_number: "to",
  mobile: "to",
  msisdn: "to",
  手机: "to",
  手机号: "to",
  手机号码: "to",
  电话: "to",
  国家: "country",
  时区: "timezone",
  城市: "city",
  语言: "locale",
  生日: "birthday",
  姓名: "name",
  性别: "gender",
  等级: "level",
  会员等级: "level",
  积分: "points",
  标签: "tags",
};

/**
 * Reads a header: the contact's own fields, consent, and attributes, of which `name:type` fixes the
 * type that is otherwise told from each cell.
 */
export function readColumns(header: readonly string[]): Column[] {
  return header.map((cell) => {
    const [given = "", wanted] = cell.normalize("NFKC").trim().toLowerCase().split(":");
    const plain = given.trim().replace(/[\s.-]+/g, "_");
    const name = ALIASES[plain] ?? plain;
    if (FIELDS.has(name) || CONSENT.test(name)) return { name, type: "field" };
    if (!ATTRIBUTE_NAME.test(name)) return null;
    return { name, type: TYPES.find((type) => type === wanted) ?? "guess" };
  });
}

const TRUE = new Set(["true", "yes", "1", "是"]);
const FALSE = new Set(["false", "no", "0", "否"]);
// With a zero in front or more digits it is a name for something, not a count.
const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/;

/** The value of a cell, or undefined when it is not of that type. */
function readCell(text: string, type: NonNullable<Column>["type"]): unknown {
  switch (type) {
    case "guess":
      if (NUMBER.test(text)) return Number(text);
      return text === "true" ? true : text === "false" ? false : text;
    case "number":
      return NUMBER.test(text) ? Number(text) : undefined;
    case "boolean": {
      const word = text.toLowerCase();
      return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
    }
    case "date":
      return isDate(text) ? text : undefined;
    case "list":
      return text.split(/[;|；、]/).flatMap((entry) => entry.trim() || []);
    default:
      return text;
  }
}

/** A row of cells as a contact is written; empty cells say nothing. */
export function cellsToRow(
  cells: readonly string[],
  columns: readonly Column[],
): Result<Readonly<Record<string, unknown>>, string> {
  if (cells.length !== columns.length) {
    return fail(
      `has ${cells.length} columns instead of ${columns.length} · 列数为 ${cells.length}，应为 ${columns.length}`,
    );
  }
  const row: Record<string, unknown> = {};
  for (const [at, column] of columns.entries()) {
    const text = cells[at]?.trim() ?? "";
    if (!column || text === "") continue;
    const value = readCell(text, column.type);
    if (value === undefined) return fail(`${column.name}: is no ${column.type} · 类型不符`);
    row[column.name] = value;
  }
  return ok(row);
}
