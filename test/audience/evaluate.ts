import type { Filter, Scalar } from "../../src/audience/filter.ts";
import type { Attributes } from "../../src/contacts/attributes.ts";
import { DAY } from "../../src/lib/time.ts";

/** A contact as a test makes him up. */
export interface Someone {
  readonly attributes: Attributes;
  readonly city: string | null;
  readonly orders: number | null;
  readonly lifecycle: string | null;
  /** Days ago. */
  readonly did: readonly { readonly name: string; readonly ago: number; readonly count: number }[];
  readonly engaged: readonly { readonly kind: string; readonly ago: number }[];
}

/** As a database orders texts: by code points. */
function compare(a: Scalar, b: Scalar): number {
  if (typeof a !== "string" || typeof b !== "string") return Number(a) - Number(b);
  const [x, y] = [[...a], [...b]].map((text) => text.map((one) => one.codePointAt(0) ?? 0));
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (x?.[i] ?? -1) - (y?.[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

const MEETS = {
  lt: (order: number) => order < 0,
  lte: (order: number) => order <= 0,
  gt: (order: number) => order > 0,
  gte: (order: number) => order >= 0,
};

function valuesOf(someone: Someone, name: string): readonly Scalar[] {
  const value = someone.attributes[name];
  if (value === undefined) {
    if (name === "city") return someone.city === null ? [] : [someone.city];
    return name === "orders" ? [someone.orders ?? 0] : [];
  }
  return Array.isArray(value) ? value : [value as Scalar];
}

/** What a filter means, said once more without a database. */
export function isMember(someone: Someone, filter: Filter): boolean {
  if ("all" in filter) return filter.all.every((one) => isMember(someone, one));
  if ("any" in filter) return filter.any.some((one) => isMember(someone, one));
  if ("not" in filter) return !isMember(someone, filter.not);
  if ("lifecycle" in filter) return (someone.lifecycle ?? "new") === filter.lifecycle;
  const recent = ({ ago }: { readonly ago: number }) =>
    !("within_days" in filter) || ago <= (filter.within_days ?? 0);
  if ("engagement" in filter) {
    return someone.engaged.some((one) => one.kind === filter.engagement && recent(one));
  }
  if ("event" in filter) {
    const own = someone.did.filter((one) => one.name === filter.event && recent(one));
    const count = own.reduce((sum, one) => sum + one.count, 0);
    if (filter.op === "count_eq") return count === filter.value;
    return filter.op === "count_gte" ? count >= filter.value : count <= filter.value;
  }
  const values = valuesOf(someone, filter.attribute);
  switch (filter.op) {
    case "eq":
      return values.includes(filter.value);
    case "ne":
      return !values.includes(filter.value);
    case "in":
      return values.some((one) => filter.value.includes(one));
    case "exists":
      return values.length > 0 === filter.value;
    default: {
      const { op, value } = filter;
      return values.some((one) => typeof one === typeof value && MEETS[op](compare(one, value)));
    }
  }
}

export const today = (now: number): number => Math.floor(now / DAY);
