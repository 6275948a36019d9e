import { fail, ok, type Result } from "../lib/result.ts";
import type { Category } from "../messages/message.ts";
import { type BodyFault, readPlaces } from "./body.ts";
import { VALUE_FAULTS, valueFault } from "./render-text.ts";
import { type ContentText, type RichContent, textsOf } from "./rich-content.ts";
import { plainVariable, type Variable } from "./template.ts";

/** Code units, the most that any provider takes; a vendor that takes less refuses the filing. */
export const LONGEST_BODY = 1_600;
export const MOST_VARIABLES = 20;
export const LONGEST_VALUE = 1_000;

/** What a draft says of a variable; the rest is as of a plain one. */
export type DeclaredVariable = Pick<Variable, "name"> & Partial<Variable>;

export interface DraftFault {
  readonly path: string;
  /** English, then Chinese. */
  readonly message: string;
}

const BODY_FAULTS: Readonly<Record<BodyFault, string>> = {
  "stray-braces": "holds braces that are no {{variable}} · 含有非 {{变量}} 的大括号",
  "empty-fallback": "has a variable with an empty fallback · 变量默认值不能为空",
  "two-fallbacks": "gives one variable two fallbacks · 同一变量的默认值不一致",
};

function mergeFallback(declared: string | null | undefined, inline: string | null) {
  if (declared == null || inline === null || declared === inline) {
    return ok(inline ?? declared ?? null);
  }
  return fail("differs from the fallback in the body · 与正文中的默认值不一致");
}

function faultsInText({ path, text }: ContentText): DraftFault[] {
  const places = readPlaces(text);
  return places.ok ? [] : [{ path, message: BODY_FAULTS[places.error] }];
}

/** The variables of a text as they are kept, in its order; or everything that is wrong with it. */
export function checkDraft(draft: {
  readonly category: Category;
  readonly body: string;
  readonly content?: RichContent | null;
  readonly variables: readonly DeclaredVariable[];
}): Result<readonly Variable[], readonly DraftFault[]> {
  const whole = draft.content ? "content" : "body";
  const inBody = (message: string): DraftFault => ({ path: whole, message });
  const torn = draft.content ? textsOf(draft.content).flatMap(faultsInText) : [];
  if (torn.length > 0) return fail(torn);
  const places = readPlaces(draft.body);
  if (!places.ok) return fail([inBody(BODY_FAULTS[places.error])]);
  const faults: DraftFault[] = [];
  if (draft.body.trim() === "") faults.push(inBody("must not be blank · 不能为空"));
  // A vendor's code template has one variable, and a resend knows no other value.
  if (draft.category === "otp" && [...places.value.keys()].join() !== "code") {
    faults.push(inBody("must hold {{code}} and no other variable · 须包含且仅包含变量 {{code}}"));
  }
  if (places.value.size > MOST_VARIABLES) {
    faults.push(
      inBody(`has more than ${MOST_VARIABLES} variables · 变量超过 ${MOST_VARIABLES} 个`),
    );
  }

  const declared = new Map<string, DeclaredVariable>();
  for (const [index, variable] of draft.variables.entries()) {
    const path = `variables.${index}`;
    if (declared.has(variable.name)) {
      faults.push({ path, message: "is declared twice · 变量重复声明" });
    }
    if (!places.value.has(variable.name)) {
      faults.push({ path, message: "has no place in the body · 正文中没有该变量" });
    }
    declared.set(variable.name, variable);
  }

  const variables = [...places.value].map(([name, inline]): Variable => {
    const said = declared.get(name);
    const path = said ? `variables.${draft.variables.indexOf(said)}.fallback` : whole;
    const fallback = mergeFallback(said?.fallback, inline);
    if (!fallback.ok) faults.push({ path, message: fallback.error });
    const variable = {
      ...plainVariable(name),
      ...said,
      fallback: fallback.ok ? fallback.value : null,
    };
    const why = variable.fallback === null ? null : valueFault(variable, variable.fallback);
    if (why) {
      const { en, zh } = VALUE_FAULTS[why];
      faults.push({ path, message: `the fallback of ${name} ${en} · 默认值${zh}` });
    }
    return variable;
  });
  return faults.length > 0 ? fail(faults) : ok(variables);
}

/**
 * What is known of the old text's variables and still holds for a new one. A fallback that stood
 * in the old text goes with it.
 */
export function keptVariables(
  old: { readonly body: string; readonly variables: readonly Variable[] },
  body: string,
): readonly DeclaredVariable[] {
  const before = readPlaces(old.body);
  const after = readPlaces(body);
  if (!before.ok || !after.ok) return [];
  return old.variables
    .filter(({ name }) => after.value.has(name))
    .map((variable) => {
      const inline = before.value.get(variable.name) ?? after.value.get(variable.name) ?? null;
      return inline === null ? variable : { ...variable, fallback: null };
    });
}
