import { LogicEngine } from "json-logic-engine";
import { fail, ok, type Result } from "../lib/result.ts";
import { type Facts, PATH } from "./rule.ts";

const PLAIN = [
  "var missing missing_some if ?: == === != !== ! !! and or",
  "< <= > >= + - * / % max min in cat substr merge",
]
  .join(" ")
  .split(" ");
/** Each runs its second argument once an element. */
const LOOPS = ["some", "all", "none", "filter", "map", "reduce"];
const OPERATORS = new Set([...PLAIN, ...LOOPS]);

const DEEPEST = 12;
const MOST_NODES = 300;

const engine = new LogicEngine(undefined, {
  disableInline: true,
  maxArrayLength: 10_000,
  maxStringLength: 10_000,
});

/** What is wrong with a condition: English, then Chinese. */
export interface ConditionFault {
  readonly path: string;
  readonly message: string;
}

interface Place {
  readonly path: string;
  readonly depth: number;
  /** Inside a loop names are those of the element. */
  readonly inLoop: boolean;
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Everything that keeps a condition from being one; empty when it is sound. */
export function checkCondition(condition: unknown): readonly ConditionFault[] {
  const faults: ConditionFault[] = [];
  let nodes = 0;

  const checkName = (name: unknown, { path, inLoop }: Place): void => {
    if (typeof name !== "string" && !(inLoop && typeof name === "number")) {
      const message = "must name its data by a plain text · 数据路径须为文本";
      faults.push({ path, message });
    } else if (!inLoop && !PATH.test(String(name))) {
      faults.push({
        path,
        message: "must begin with event. or contact. · 须以 event. 或 contact. 开头",
      });
    }
  };

  const visit = (value: unknown, place: Place): void => {
    const { path, depth, inLoop } = place;
    if (typeof value !== "object" || value === null) return;
    if (++nodes > MOST_NODES || depth > DEEPEST) {
      if (nodes <= MOST_NODES + 1) faults.push({ path, message: "is too large · 条件过于复杂" });
      nodes = MOST_NODES + 1;
      return;
    }
    if (Array.isArray(value)) {
      for (const [index, one] of value.entries()) {
        visit(one, { ...place, path: `${path}.${index}`, depth: depth + 1 });
      }
      return;
    }
    const [operator, ...more] = Object.keys(value);
    if (operator === undefined || more.length > 0) {
      faults.push({ path, message: "must have one operator each · 每层须有且仅有一个运算符" });
      return;
    }
    const at = `${path}.${operator}`;
    if (!OPERATORS.has(operator)) {
      faults.push({ path: at, message: "is not an operator · 未知的运算符" });
      return;
    }
    const args = (value as Readonly<Record<string, unknown>>)[operator];
    if (operator === "var") {
      const [name, fallback] = asList(args);
      checkName(name, { ...place, path: at });
      visit(fallback, { path: `${at}.1`, depth: depth + 1, inLoop });
    } else if (operator === "missing" || operator === "missing_some") {
      const names = operator === "missing" ? asList(args) : asList(asList(args)[1]);
      for (const name of names.flat()) checkName(name, { ...place, path: at });
    } else if (LOOPS.includes(operator)) {
      if (inLoop) {
        faults.push({ path: at, message: "may not stand in another loop · 循环不可嵌套" });
        return;
      }
      for (const [index, one] of asList(args).entries()) {
        visit(one, { path: `${at}.${index}`, depth: depth + 1, inLoop: index === 1 });
      }
    } else {
      visit(args, { path: at, depth: depth + 1, inLoop });
    }
  };

  if (
    typeof condition !== "boolean" &&
    (typeof condition !== "object" || Array.isArray(condition))
  ) {
    return [{ path: "condition", message: "must be JSON Logic · 须为 JSON Logic" }];
  }
  visit(condition, { path: "condition", depth: 0, inLoop: false });
  return faults;
}

/** Whether a condition holds; fails where it can't be computed, such as a text compared as a number. */
export function holds(condition: unknown, facts: Facts): Result<boolean, "condition-error"> {
  if (condition === null) return ok(true);
  try {
    return ok(Boolean(engine.truthy(engine.run(condition, facts))));
  } catch {
    return fail("condition-error");
  }
}
