import { fail, ok, type Result } from "../lib/result.ts";
import type { Category } from "../messages/message.ts";
import { checkDraft, type DeclaredVariable, type DraftFault } from "./check-draft.ts";
import { renderText, VALUE_FAULTS } from "./render-text.ts";
import { mapTexts, type RichContent, wordsOf } from "./rich-content.ts";
import { render, type Variable } from "./template.ts";

export interface PreviewedText {
  /** Without its signature. */
  readonly text: string;
  /** Filled in, where there is more than a text. */
  readonly content: RichContent | null;
  readonly variables: readonly Variable[];
  /** As they stand in the text, or null where none were given. */
  readonly values: Readonly<Record<string, string>> | null;
}

/** A text with its values; of content with texts in it, what a person reads. */
export function fillIn(
  draft: { readonly body: string; readonly content?: RichContent | null },
  values: Readonly<Record<string, string>>,
): Pick<PreviewedText, "text" | "content"> {
  if (!draft.content) return { text: render(draft.body, values), content: null };
  const content = mapTexts(draft.content, (text) => render(text, values));
  return { text: wordsOf(content), content };
}

/** A draft as a text. Without values each variable shows its fallback or its name. */
export function previewText(
  draft: {
    readonly category: Category;
    readonly body: string;
    readonly content?: RichContent | null;
    readonly variables: readonly DeclaredVariable[];
  },
  values: Readonly<Record<string, unknown>> | null,
): Result<PreviewedText, readonly DraftFault[]> {
  const checked = checkDraft(draft);
  if (!checked.ok) return checked;
  const variables = checked.value;
  if (!values) {
    const shown = variables.map(({ name, fallback }) => [name, fallback ?? `{{${name}}}`]);
    return ok({ ...fillIn(draft, Object.fromEntries(shown)), variables, values: null });
  }
  const rendered = renderText({ body: draft.body, variables }, values);
  if (rendered.ok) {
    const { values: used } = rendered.value;
    return ok({ ...fillIn(draft, used), variables, values: used });
  }
  return fail(
    rendered.error.map(({ name, why }) => {
      const { en, zh } = VALUE_FAULTS[why];
      return { path: `variables.${name}`, message: `${en} · ${zh}` };
    }),
  );
}
