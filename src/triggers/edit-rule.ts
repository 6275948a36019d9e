import type { Database } from "../db/client.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { StoredTemplate } from "../templates/store.ts";
import { checkCondition } from "./condition.ts";
import { PATH, type Rule, type RuleDefinition } from "./rule.ts";
import { type Author, addVersion, findVersion, insertRule, pageRules } from "./store.ts";
import { TIMED_EVENTS } from "./time-rules.ts";

export interface EditRuleDeps {
  readonly db: Database;
  /** Makes the next request read the configuration anew. */
  readonly changed: () => void;
}

export interface RuleFault {
  readonly path: string;
  /** English, then Chinese. */
  readonly message: string;
}

export type EditRuleRefusal =
  | { readonly code: "faulty-rule"; readonly faults: readonly RuleFault[] }
  | { readonly code: "changed-meanwhile" }
  | { readonly code: "no-such-version" };

const NOT_A_PATH = "must be a path such as event.order_no · 须为路径，如 event.order_no";

function checkTemplate(
  { template, category }: RuleDefinition,
  templates: readonly StoredTemplate[],
): RuleFault[] {
  const found = templates.find((one) => one.id === template || one.name === template);
  if (!found) return [{ path: "template", message: "is no template here · 模板不存在" }];
  if (found.category === "otp") {
    return [{ path: "template", message: "is for codes · 验证码模板不能用于规则" }];
  }
  if (category !== null && category !== found.category) {
    return [{ path: "category", message: "is not the template's · 与模板类别不一致" }];
  }
  return [];
}

/** Everything that is wrong with a rule, by field; `templates` are the storefront's, approved or not. */
export function checkRule(
  rule: RuleDefinition,
  templates: readonly StoredTemplate[],
): readonly RuleFault[] {
  const faults: RuleFault[] = rule.condition === null ? [] : [...checkCondition(rule.condition)];
  faults.push(...checkTemplate(rule, templates));
  if (rule.to !== null && !PATH.test(rule.to)) faults.push({ path: "to", message: NOT_A_PATH });
  for (const [name, path] of Object.entries(rule.variables)) {
    if (!PATH.test(path)) faults.push({ path: `variables.${name}`, message: NOT_A_PATH });
  }
  if ((rule.timing !== null) !== TIMED_EVENTS.includes(rule.event)) {
    const message = `goes with ${TIMED_EVENTS.join(", ")} · 仅用于上述定时事件`;
    faults.push({ path: "timing", message });
  }
  return faults;
}

async function stored(db: Database, id: string): Promise<Rule> {
  const [found] = await pageRules(db, { id }, 1);
  if (!found) throw new Error("a rule was gone as soon as it was written");
  return found;
}

/** Version 1. */
export async function createRule(
  deps: EditRuleDeps,
  head: Pick<Rule, "id" | "storefront">,
  rule: RuleDefinition,
  facts: { readonly templates: readonly StoredTemplate[]; readonly by: Author },
): Promise<Result<Rule, EditRuleRefusal>> {
  const faults = checkRule(rule, facts.templates);
  if (faults.length > 0) return fail({ code: "faulty-rule", faults });
  await insertRule(deps.db, { ...head, preset: null }, rule, facts.by);
  deps.changed();
  return ok(await stored(deps.db, head.id));
}

/** The next version, unless it says what the rule says already. */
export async function editRule(
  deps: EditRuleDeps,
  rule: Rule,
  next: RuleDefinition,
  facts: { readonly templates: readonly StoredTemplate[]; readonly by: Author },
): Promise<Result<Rule, EditRuleRefusal>> {
  const faults = checkRule(next, facts.templates);
  if (faults.length > 0) return fail({ code: "faulty-rule", faults });
  if (JSON.stringify(definitionOf(rule)) === JSON.stringify(definitionOf(next))) return ok(rule);
  if (!(await addVersion(deps.db, rule, next, facts.by)))
    return fail({ code: "changed-meanwhile" });
  deps.changed();
  return ok(await stored(deps.db, rule.id));
}

/** What an earlier version said, as the newest one: so nothing that was ever in force is lost. */
export async function rollBackRule(
  deps: EditRuleDeps,
  rule: Rule,
  version: number,
  facts: { readonly templates: readonly StoredTemplate[]; readonly by: Author },
): Promise<Result<Rule, EditRuleRefusal>> {
  const earlier = await findVersion(deps.db, rule.id, version);
  return earlier ? editRule(deps, rule, earlier, facts) : fail({ code: "no-such-version" });
}

/** What a rule says, without what it is. */
export const definitionOf = (rule: RuleDefinition): RuleDefinition => ({
  name: rule.name,
  event: rule.event,
  condition: rule.condition,
  template: rule.template,
  to: rule.to,
  variables: rule.variables,
  delaySeconds: rule.delaySeconds,
  expiresIn: rule.expiresIn,
  cancelOn: rule.cancelOn,
  category: rule.category,
  enabled: rule.enabled,
  timing: rule.timing,
});
