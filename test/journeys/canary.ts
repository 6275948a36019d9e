import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What base64 makes of a text in the middle of others: it depends on what stands before. */
function encoded(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.from("\0".repeat(before) + text).toString("base64");
    // The characters at either end hold bits of the neighbours.
    return whole.slice(Math.ceil((before * 4) / 3), -4);
  });
}

/** Every form in which a mainland number could lie about. */
export function spellings(e164: string): string[] {
  const national = e164.slice("+86".length);
  const grouped = national.replace(/^(...)(....)(....)$/, "$1 $2 $3");
  return [
    national,
    grouped,
    grouped.replaceAll(" ", "-"),
    Buffer.from(national).toString("hex"),
    ...encoded(e164),
    ...encoded(national),
  ];
}

interface StoredFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** The files of a state directory: the product's, and the simulator's, which stands for carriers and handsets. */
export function filesOf(stateDirectory: string): { own: StoredFile[]; carriers: StoredFile[] } {
  const files = readdirSync(join(stateDirectory, "data"), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .map((path) => ({ path, bytes: readFileSync(path) }));
  const isCarriers = ({ path }: StoredFile) => path.includes("simulator");
  return {
    own: files.filter((file) => !isCarriers(file)),
    carriers: files.filter(isCarriers),
  };
}

type Schema = Readonly<Record<string, unknown>>;

/** What is driven through the product, and must lie about nowhere. */
export interface Canary {
  readonly to: string;
  readonly code: string;
}

/** A body that fits a schema of the reference as far as it goes, with the canary wherever it may stand. */
export function bodyFor(document: Schema, schema: Schema, canary: Canary, name = ""): unknown {
  const {
    $ref,
    properties,
    items,
    anyOf,
    oneOf,
    allOf,
    enum: choices,
    minimum,
    type,
  } = schema as {
    $ref?: string;
    properties?: Record<string, Schema>;
    items?: Schema;
    anyOf?: Schema[];
    oneOf?: Schema[];
    allOf?: Schema[];
    enum?: unknown[];
    minimum?: number;
    type?: string | string[];
  };
  const inner = (one: Schema, own = name) => bodyFor(document, one, canary, own);
  if ($ref) {
    const target = $ref
      .slice(2)
      .split("/")
      .reduce<unknown>((at, key) => (at as Schema)[key], document);
    return inner(target as Schema);
  }
  const { to, code } = canary;
  if (name === "to") return to;
  if (name === "code") return code;
  if (name === "country") return "CN";
  if (name === "purpose") return "payment";
  const [first] = anyOf ?? oneOf ?? allOf ?? [];
  if (first) return inner(first);
  if (choices) return choices[0];
  if (schema.const !== undefined) return schema.const;
  if (items) return [inner(items)];
  if (properties) {
    return Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [key, inner(value, key)]),
    );
  }
  if (type === "integer" || type === "number") return minimum ?? 1;
  if (type === "boolean") return true;
  if (type === "object") return { phone: to, code };
  return schema.format === "date-time" ? "2026-01-01T00:00:00Z" : (schema.example ?? "x");
}
