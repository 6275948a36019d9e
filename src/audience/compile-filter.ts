import { DAY } from "../lib/time.ts";
import type { AttributeTest, EngagementTest, EventTest, Filter, Order } from "./filter.ts";

/**
 * A condition on a row of `contacts`. Nothing that a client wrote is part of the text: `?1` is the
 * JSON of `values`, for a database takes a hundred parameters at most.
 */
export interface Predicate {
  readonly where: string;
  readonly values: readonly unknown[];
}

const SIGNS: Readonly<Record<Order | EventTest["op"], string>> = {
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  count_gte: ">=",
  count_lte: "<=",
  count_eq: "=",
};

/** Fields of a contact that are tested like his attributes; one that a shop wrote itself is meant first. */
const FIELDS: Readonly<Record<string, string>> = {
  country: "contacts.country",
  city: "contacts.city",
  locale: "contacts.locale",
  timezone: "contacts.timezone",
  birthday: "contacts.birthday",
  birthday_month: "CAST(substr(contacts.birthday, -5, 2) AS INTEGER)",
  orders: "coalesce(contacts.orders, 0)",
  spent: "coalesce(contacts.spent, 0)",
  rfm_recency: "contacts.rfm_recency",
  rfm_frequency: "contacts.rfm_frequency",
  rfm_monetary: "contacts.rfm_monetary",
  last_order_on: "date(contacts.last_order_at / 1000, 'unixepoch')",
  known_since: "date(contacts.created_at / 1000, 'unixepoch')",
};

/** Halves under halves: a database refuses an expression that is a hundred terms deep. */
function join(parts: readonly string[], word: "AND" | "OR"): string {
  if (parts.length === 1) return parts[0] ?? "";
  const middle = parts.length >> 1;
  return `(${join(parts.slice(0, middle), word)} ${word} ${join(parts.slice(middle), word)})`;
}

/** The day that ends so many days back, as counts have it; without a span the first of all. */
const dayFrom = (within: number | undefined, now: number): number =>
  within === undefined ? 0 : Math.floor(now / DAY) - within;

/** Compiles a filter for the given time; the same filter and time make the same condition. */
export function compileFilter(filter: Filter, now: number): Predicate {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `'$[${values.push(value) - 1}]'`;
  const scalar = (value: unknown): string => `(SELECT json_extract(?1, ${bind(value)}))`;
  const list = (own: readonly unknown[]): string =>
    `(SELECT value FROM json_each(?1, ${bind(own)}))`;

  /** Whether one of the values of an attribute, each with `type` and `atom`, meets a condition. */
  function some({ attribute }: AttributeTest, condition: string): string {
    const field = Object.hasOwn(FIELDS, attribute) ? FIELDS[attribute] : undefined;
    const rows = field
      ? `json_each(coalesce(contacts.attributes -> '$.${attribute}', json_array(${field})))`
      : `json_each(contacts.attributes, ${scalar(`$.${attribute}`)})`;
    return `EXISTS (SELECT 1 FROM ${rows} AS own WHERE own.type <> 'null' AND ${condition})`;
  }

  function isIn(wanted: readonly unknown[]): string {
    const booleans = wanted.filter((one) => typeof one === "boolean").map(String);
    const others = wanted.filter((one) => typeof one !== "boolean");
    // The atom of `true` is 1: without its type it would equal the number.
    const isOther = `own.type NOT IN ('true', 'false') AND own.atom IN ${list(others)}`;
    return `((${isOther}) OR own.type IN ${list(booleans)})`;
  }

  function attribute(test: AttributeTest): string {
    switch (test.op) {
      case "eq":
        return some(test, isIn([test.value]));
      case "ne":
        return `NOT ${some(test, isIn([test.value]))}`;
      case "in":
        return some(test, isIn(test.value));
      case "exists":
        return `${test.value ? "" : "NOT "}${some(test, "true")}`;
      default: {
        const types = typeof test.value === "string" ? "('text')" : "('integer', 'real')";
        const meets = `own.atom ${SIGNS[test.op]} ${scalar(test.value)}`;
        return some(test, `own.type IN ${types} AND ${meets}`);
      }
    }
  }

  const count = ({ event, op, value, within_days }: EventTest): string =>
    `(SELECT coalesce(sum(did.count), 0) FROM event_counts AS did
      WHERE did.contact = contacts.id AND did.name = ${scalar(event)}
        AND did.day >= ${scalar(dayFrom(within_days, now))}) ${SIGNS[op]} ${scalar(value)}`;

  const engaged = ({ engagement, within_days }: EngagementTest): string =>
    `EXISTS (SELECT 1 FROM engagements AS did
      WHERE did.contact = contacts.id AND did.kind = ${scalar(engagement)}
        AND did.day >= ${scalar(dayFrom(within_days, now))})`;

  function compile(node: Filter): string {
    if ("all" in node) return node.all.length === 0 ? "true" : join(node.all.map(compile), "AND");
    if ("any" in node) return join(node.any.map(compile), "OR");
    if ("not" in node) return `NOT (${compile(node.not)})`;
    if ("attribute" in node) return attribute(node);
    if ("event" in node) return count(node);
    if ("engagement" in node) return engaged(node);
    // Nobody is given a stage before he leaves the first.
    return `coalesce(contacts.lifecycle, 'new') = ${scalar(node.lifecycle)}`;
  }
  return { where: compile(filter), values };
}
