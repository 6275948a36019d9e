import { fail, ok, type Result } from "../lib/result.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { DraftFault } from "../templates/check-draft.ts";
import { createTemplate, type EditDeps } from "../templates/edit-template.ts";
import { pageTemplates, type StoredTemplate } from "../templates/store.ts";
import {
  approveTemplate,
  isUnfiled,
  type ReviewDeps,
  submitTemplate,
} from "../templates/submit-template.ts";
import { definitionOfPreset, type Preset } from "./presets.ts";
import type { Rule } from "./rule.ts";
import { type Author, insertRule, pageRules } from "./store.ts";

export interface EnableDeps extends ReviewDeps, EditDeps {
  readonly newId: (prefix: "rul" | "tpl") => string;
}

/** Who enables it: whether his word approves texts, and marketing of his own. */
export interface Enabler extends Author {
  readonly approves: boolean;
  readonly approvesOwn: boolean;
}

export interface EnabledPreset {
  readonly rule: Rule;
  readonly templates: readonly StoredTemplate[];
  /** Those that were filed just now. */
  readonly filed: readonly string[];
}

/** The storefront's list of words, or the sender's name, refuses one of the texts. */
export interface EnableRefusal {
  readonly code: "content-rejected";
  readonly faults: readonly DraftFault[];
}

const LOCALES = { "zh-CN": "zh", en: "en" } as const;

/** Drafts the preset's texts in the languages that the storefront lacks. */
async function draftTexts(
  deps: EnableDeps,
  storefront: Storefront,
  preset: Preset,
  by: Enabler,
): Promise<Result<readonly StoredTemplate[], EnableRefusal>> {
  const filter = { storefront: storefront.id, name: preset.name };
  for (const [locale, language] of Object.entries(LOCALES)) {
    const drafted = await createTemplate(
      deps,
      {
        ...filter,
        id: deps.newId("tpl"),
        category: preset.category,
        channel: "sms",
        locale,
        sender: storefront.sender,
        body: preset.text[language],
        variables: [],
      },
      by,
    );
    // One that is there already, in whatever words, is the storefront's own choice.
    if (drafted.ok || drafted.error.code === "name-taken") continue;
    if (drafted.error.code === "content-rejected") {
      return fail({ code: "content-rejected", faults: drafted.error.faults });
    }
    throw new Error(`a preset's text is no draft: ${drafted.error.code}`);
  }
  return ok(await pageTemplates(deps.db, filter, 100));
}

async function file(
  deps: EnableDeps,
  template: StoredTemplate,
  by: Enabler,
): Promise<EnableRefusal | null> {
  const submitted = await submitTemplate(deps, template, by);
  if (submitted.ok && by.approvesOwn) await approveTemplate(deps, submitted.value, by);
  // Whoever enables it at the same time has filed it: all else that refuses is of no matter.
  const refused = !submitted.ok && submitted.error.code === "content-rejected";
  return refused ? { code: "content-rejected", faults: submitted.error.faults } : null;
}

/**
 * Drafts and files what the storefront lacks of a preset's texts, and makes its rule. Again, it
 * changes nothing: a rule or text that somebody edited since stays as it is.
 * Without one of its texts it makes no rule.
 */
export async function enablePreset(
  deps: EnableDeps,
  storefront: Storefront,
  preset: Preset,
  by: Enabler,
): Promise<Result<EnabledPreset, EnableRefusal>> {
  const drafted = await draftTexts(deps, storefront, preset, by);
  if (!drafted.ok) return drafted;
  const unfiled = drafted.value.filter(
    (one) => one.standing.status === "draft" || isUnfiled(one, by.now),
  );
  for (const template of unfiled) {
    const refusal = await file(deps, template, by);
    if (refusal) return fail(refusal);
  }
  const head = { storefront: storefront.id, preset: preset.name };
  await insertRule(deps.db, { ...head, id: deps.newId("rul") }, definitionOfPreset(preset), by);
  deps.changed();
  const [rule] = await pageRules(deps.db, head, 1);
  if (!rule) throw new Error("a preset's rule was gone as soon as it was written");
  const templates = await pageTemplates(
    deps.db,
    { storefront: storefront.id, name: preset.name },
    100,
  );
  return ok({ rule, templates, filed: unfiled.map((one) => one.id) });
}
