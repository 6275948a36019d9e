import type { Category } from "../messages/message.ts";

/** What one version of a rule says. */
export interface RuleDefinition {
  readonly name: string;
  /** The event's name. */
  readonly event: string;
  /** JSON Logic over `{event, contact}`; null: always. */
  readonly condition: unknown;
  /** A `tpl_` id or a name. */
  readonly template: string;
  /** Where the number stands; null: the event's own, else the contact's. */
  readonly to: string | null;
  /** Paths by the names of the template's variables. */
  readonly variables: Readonly<Record<string, string>>;
  readonly delaySeconds: number;
  /** Seconds after its time in which the text is of use; null: as long as any message. */
  readonly expiresIn: number | null;
  /** Events of the same recipient that take back what still waits. */
  readonly cancelOn: readonly string[];
  /** What the template must be; null: anything but a code. */
  readonly category: Category | null;
  readonly enabled: boolean;
  /** For the events that the clock makes; null for all others. */
  readonly timing: Timing | null;
}

export interface Timing {
  /** Minutes after midnight where the person is. */
  readonly atMinute: number;
  /** Days after the last order, or before the points expire. */
  readonly days: number;
}

/** A rule by its newest version, which is the one that holds. */
export interface Rule extends RuleDefinition {
  readonly id: string;
  readonly storefront: string;
  readonly version: number;
  /** The preset that it was made from. */
  readonly preset: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What conditions and paths can see. */
export interface Facts {
  readonly event: Readonly<Record<string, unknown>>;
  readonly contact: Readonly<Record<string, unknown>>;
}

/** `event.items.0.title`: from one of the two roots, a step a dot. */
export const PATH = /^(event|contact)(\.[^.\s]{1,100}){1,10}$/;

/** What stands at a path from `root` on; undefined when nothing does. */
export function readAt(root: unknown, path: string): unknown {
  let at = root;
  for (const step of path.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[step];
  }
  return at;
}

export const readPath = (facts: Facts, path: string): unknown => readAt(facts, path);

/**
 * Values for a template's variables: those with a path from there, others from what has the same
 * name in the event or of the contact. What is nowhere is left out, for the template's fallback.
 */
export function readVariables(
  rule: Pick<RuleDefinition, "variables">,
  names: readonly string[],
  facts: Facts,
): Record<string, unknown> {
  const found = names.map((name) => {
    const path = Object.hasOwn(rule.variables, name) ? rule.variables[name] : undefined;
    const value =
      path === undefined
        ? (readPath(facts, `event.${name}`) ?? readPath(facts, `contact.${name}`))
        : readPath(facts, path);
    return [name, value ?? ""] as const;
  });
  return Object.fromEntries(found);
}
