import { ATTRIBUTE_NAME } from "../contacts/attributes.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import {
  COUNT_OPS,
  ENGAGEMENTS,
  type Filter,
  LIFECYCLES,
  ORDERS,
  REMEMBERED_DAYS,
  type Scalar,
} from "./filter.ts";

/** What is wrong with a filter, and where. */
export interface FilterFault {
  readonly path: string;
  readonly message: string;
}

const DEEPEST = 8;
const MOST_NODES = 100;
const MOST_VALUES = 500;
const LONGEST_TEXT = 256;
const MOST_COUNTED = 1_000_000;
const EVENT_NAME = /^[A-Za-z][\w./-]{0,99}$/;

type Node = Readonly<Record<string, unknown>>;

class Fault extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

const isScalar = (value: unknown): value is Scalar =>
  typeof value === "boolean" ||
  (typeof value === "number" && Number.isFinite(value)) ||
  (typeof value === "string" && value.length <= LONGEST_TEXT);

function expect<T>(path: string, value: unknown, is: (value: unknown) => boolean, must: string): T {
  if (!is(value)) throw new Fault(path, `must be ${must}`);
  return value as T;
}

const oneOf = <T extends string>(path: string, value: unknown, names: readonly T[]): T =>
  expect(path, value, (one) => names.includes(one as T), `one of ${names.join(", ")}`);

const whole = (path: string, value: unknown, least: number, most: number): number =>
  expect(
    path,
    value,
    (one) => Number.isInteger(one) && Number(one) >= least && Number(one) <= most,
    `a whole number from ${least} to ${most}`,
  );

function within(path: string, { within_days }: Node): { within_days?: number } {
  if (within_days === undefined) return {};
  return { within_days: whole(`${path}.within_days`, within_days, 1, REMEMBERED_DAYS) };
}

function only(path: string, node: Node, names: readonly string[]): void {
  const [other] = Object.keys(node).filter((name) => !names.includes(name));
  if (other !== undefined) throw new Fault(`${path}.${other}`, "is not a field of this test");
}

function readAttribute(path: string, node: Node): Filter {
  only(path, node, ["attribute", "op", "value"]);
  const attribute = expect<string>(
    `${path}.attribute`,
    node.attribute,
    (name) => typeof name === "string" && ATTRIBUTE_NAME.test(name),
    "lower-case letters, digits and _",
  );
  const op = oneOf(`${path}.op`, node.op, ["eq", "ne", ...ORDERS, "in", "exists"]);
  const at = `${path}.value`;
  const { value } = node;
  switch (op) {
    case "eq":
    case "ne":
      return { attribute, op, value: expect(at, value, isScalar, "a text, a number or a boolean") };
    case "in": {
      const list = expect<unknown[]>(at, value, Array.isArray, "a list");
      whole(`${at}.length`, list.length, 1, MOST_VALUES);
      const scalars = list.map((one, index) =>
        expect<Scalar>(`${at}.${index}`, one, isScalar, "a text, a number or a boolean"),
      );
      return { attribute, op, value: scalars };
    }
    case "exists": {
      const given = value ?? true;
      const wanted = expect<boolean>(at, given, (one) => typeof one === "boolean", "true or false");
      return { attribute, op, value: wanted };
    }
    default: {
      const ordered = (one: unknown) => isScalar(one) && typeof one !== "boolean";
      return { attribute, op, value: expect(at, value, ordered, "a number, a text or a date") };
    }
  }
}

function readEvent(path: string, node: Node): Filter {
  only(path, node, ["event", "op", "value", "within_days"]);
  return {
    event: expect(
      `${path}.event`,
      node.event,
      (name) => typeof name === "string" && EVENT_NAME.test(name),
      "a name such as order.paid",
    ),
    op: oneOf(`${path}.op`, node.op, COUNT_OPS),
    value: whole(`${path}.value`, node.value, 0, MOST_COUNTED),
    ...within(path, node),
  };
}

function readEngagement(path: string, node: Node): Filter {
  only(path, node, ["engagement", "within_days"]);
  const engagement = oneOf(`${path}.engagement`, node.engagement, ENGAGEMENTS);
  return { engagement, ...within(path, node) };
}

function readLifecycle(path: string, node: Node): Filter {
  only(path, node, ["lifecycle"]);
  return { lifecycle: oneOf(`${path}.lifecycle`, node.lifecycle, LIFECYCLES) };
}

/** Each kind of node by the field that tells it. */
const LEAVES: Readonly<Record<string, (path: string, node: Node) => Filter>> = {
  attribute: readAttribute,
  event: readEvent,
  lifecycle: readLifecycle,
  engagement: readEngagement,
};
const KINDS = ["all", "any", "not", ...Object.keys(LEAVES)];

function readNode(path: string, given: unknown, depth: number, budget: { nodes: number }): Filter {
  if (depth > DEEPEST) throw new Fault(path, `lies deeper than ${DEEPEST}`);
  if (--budget.nodes < 0) throw new Fault(path, `makes it more than ${MOST_NODES} tests`);
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  if (!isObject) throw new Fault(path, "must be an object");
  const node = given as Node;
  const kind = KINDS.find((name) => Object.hasOwn(node, name));
  if (kind === undefined) throw new Fault(path, `must have one of ${KINDS.join(", ")}`);
  const leaf = LEAVES[kind];
  if (leaf) return leaf(path, node);
  only(path, node, [kind]);
  const at = `${path}.${kind}`;
  if (kind === "not") return { not: readNode(at, node.not, depth + 1, budget) };
  const parts = expect<unknown[]>(at, node[kind], Array.isArray, "a list");
  if (kind === "any" && parts.length === 0) throw new Fault(at, "must not be empty");
  const read = parts.map((part, index) => readNode(`${at}.${index}`, part, depth + 1, budget));
  return kind === "all" ? { all: read } : { any: read };
}

/** The filter that a client wrote, or the first thing that is wrong with it. `{"all": []}` is everybody. */
export function readFilter(given: unknown): Result<Filter, FilterFault> {
  try {
    return ok(readNode("filter", given, 1, { nodes: MOST_NODES }));
  } catch (fault) {
    if (fault instanceof Fault) return fail({ path: fault.path, message: fault.message });
    throw fault;
  }
}
