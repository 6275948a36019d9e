import type { Hongyan } from "./hongyan.ts";
import { type Schema, sample } from "./resources.ts";

/** One method of one path, from the document that clients read. */
export interface Operation {
  /** `POST /v1/messages`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Whether it takes a key: what a browser signs in with does not. */
  readonly takesKey: boolean;
  /** Null: any key. */
  readonly scope: string | null;
  readonly query: readonly string[];
  /** What a body may be; empty where it takes none. */
  readonly types: readonly string[];
  /** Of a JSON body; null where it takes none. */
  readonly schema: Schema | null;
  /** The least body that it takes; undefined where it takes none. */
  readonly body: unknown;
}

interface Documented {
  readonly description: string;
  readonly security?: unknown;
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: Schema }>> };
}

export async function readOperations(product: Hongyan): Promise<Operation[]> {
  const { paths } = (await product.request("GET", "/openapi.json")).body;
  const all = Object.entries<Record<string, Documented>>(paths);
  return all.flatMap(([path, methods]) =>
    Object.entries(methods).map(([verb, { security, description, parameters, requestBody }]) => {
      const method = verb.toUpperCase();
      const content = requestBody?.content ?? {};
      const schema = content["application/json"]?.schema ?? null;
      return {
        name: `${method} ${path}`,
        method,
        path,
        takesKey: security !== undefined,
        scope: /^Scope: `([^`]+)`/.exec(description)?.[1] ?? null,
        query: (parameters ?? []).filter((one) => one.in === "query").map((one) => one.name),
        types: Object.keys(content),
        schema,
        body: schema ? sample(schema) : undefined,
      };
    }),
  );
}

const branchesOf = ({ anyOf, oneOf }: Schema): readonly Schema[] => [
  ...(anyOf ?? []),
  ...(oneOf ?? []),
];

const isText = ({ type }: Schema): boolean => [type].flat().includes("string");

/** Where in a body a text of one of these names may stand: `variants.0.template`. */
export function placesOf(
  schema: Schema,
  names: ReadonlySet<string>,
  above: readonly string[] = [],
): string[] {
  const inner = (part: Schema, ...step: string[]) => placesOf(part, names, [...above, ...step]);
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, part]) => [
    ...(names.has(name) && [part, ...branchesOf(part)].some(isText)
      ? [[...above, name].join(".")]
      : []),
    ...inner(part, name),
  ]);
  const items = schema.items ? inner(schema.items, "0") : [];
  return [...new Set([...own, ...items, ...branchesOf(schema).flatMap((part) => inner(part))])];
}

/** A body with another value at one place. */
export function put(body: unknown, place: string, value: unknown): unknown {
  const [step = "", ...rest] = place.split(".");
  const changed = Array.isArray(body) ? [...body] : { ...(body as object) };
  const fields = changed as Record<string, unknown>;
  fields[step] = rest.length > 0 ? put(fields[step], rest.join("."), value) : value;
  return changed;
}
