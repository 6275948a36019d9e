import { fail, ok, type Result } from "../lib/result.ts";
import type { Category } from "../messages/message.ts";
import { checkDraft, type DeclaredVariable, type DraftFault } from "./check-draft.ts";
import { renderText, VALUE_FAULTS } from "./render-text.ts";
import { render } from "./template.ts";

/** A draft's text without its signature. Without values each variable shows its fallback or its name. */
export function previewText(
  draft: {
    readonly category: Category;
    readonly body: string;
    readonly variables: readonly DeclaredVariable[];
  },
  values: Readonly<Record<string, unknown>> | null,
): Result<string, readonly DraftFault[]> {
  const variables = checkDraft(draft);
  if (!variables.ok) return variables;
  if (!values) {
    const shown = variables.value.map(({ name, fallback }) => [name, fallback ?? `{{${name}}}`]);
    return ok(render(draft.body, Object.fromEntries(shown)));
  }
  const rendered = renderText({ body: draft.body, variables: variables.value }, values);
  if (rendered.ok) return ok(rendered.value.text);
  return fail(
    rendered.error.map(({ name, why }) => {
      const { en, zh } = VALUE_FAULTS[why];
      return { path: `variables.${name}`, message: `${en} · ${zh}` };
    }),
  );
}
