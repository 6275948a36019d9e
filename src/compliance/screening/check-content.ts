import type { Category, TraceStep } from "../../messages/message.ts";
import { type RichContent, textsOf } from "../../templates/rich-content.ts";
import type { Variable } from "../../templates/template.ts";
import { type Composed, composeDraft, composeMessage, valuesIn } from "./compose.ts";
import { findContacts } from "./contact.ts";
import {
  explain,
  type Finding,
  type Hit,
  SEVERITIES,
  type Severity,
  showWords,
  worstOf,
} from "./finding.ts";
import { isWithin, overlaps, type Span } from "./fold.ts";
import { findLinks } from "./link.ts";
import { findPlaceholders } from "./placeholder.ts";
import type { ContentPolicies } from "./policies.ts";
import { findSignatures } from "./signature.ts";
import { findWords } from "./wording.ts";
import type { WordList } from "./words.ts";

/** What one storefront's texts are judged by. */
export interface ContentRules {
  readonly policies: ContentPolicies;
  readonly words: WordList;
  /** The storefront's own. */
  readonly domain: string;
}

interface Text {
  readonly category: Category;
  readonly body: string;
  readonly content?: RichContent | null;
  readonly variables: readonly Variable[];
}

/** A trace stays readable however bad a text is. */
const MOST_FINDINGS = 20;

const strictness = (severity: Severity): number => -SEVERITIES.indexOf(severity);

/** Without those that say no more than a longer one about the same. */
function withoutRepeats(hits: readonly Hit[]): Hit[] {
  const ordered = hits.toSorted(
    (a, b) => strictness(b.severity) - strictness(a.severity) || a.start - b.start || b.end - a.end,
  );
  const kept: Hit[] = [];
  for (const hit of ordered) {
    const isSaid = kept.some((one) => one.kind === hit.kind && isWithin(hit, one));
    if (!isSaid) kept.push(hit);
    if (kept.length === MOST_FINDINGS) break;
  }
  return kept;
}

function applyPolicy(hit: Hit, policies: ContentPolicies): Hit[] {
  const { mode } = policies[hit.kind];
  if (mode === "off") return [];
  return [mode === "observe" ? { ...hit, severity: "observe" } : hit];
}

/** Tells where in the author's or the caller's fields a hit is. */
function findingOf(composed: Composed, hit: Hit): Finding {
  const { text, pieces } = composed;
  const first = valuesIn(composed, hit)[0] ?? pieces.find((piece) => overlaps(piece, hit));
  const last = pieces.findLast((piece) => overlaps(piece, hit) && piece.path === first?.path);
  const placeOf = (at: number, piece = first) =>
    piece ? piece.offset + Math.min(Math.max(at, piece.start), piece.end) - piece.start : 0;
  return {
    kind: hit.kind,
    severity: hit.severity,
    path: first?.path ?? "body",
    variable: first?.variable?.name ?? null,
    start: placeOf(hit.start),
    end: placeOf(hit.end, last),
    found: showWords(text.slice(hit.start, hit.end).replaceAll("\uFFFC", "…")),
    ...explain(hit.kind),
  };
}

function check(
  composed: Composed,
  category: Category,
  rules: ContentRules,
  concerns: (span: Span) => boolean,
) {
  const { policies, words, domain } = rules;
  const hits = [
    ...findWords(composed, words, category),
    ...findSignatures(composed),
    ...findLinks(composed, [domain, ...policies.link.allowed_domains]),
    ...findContacts(composed),
    ...findPlaceholders(composed),
  ]
    .filter(concerns)
    .flatMap((hit) => applyPolicy(hit, policies));
  return withoutRepeats(hits).map((hit) => findingOf(composed, hit));
}

/** A template as it reads with its fallbacks. */
export const draftText = (template: Text): string =>
  composeDraft(template).text.replaceAll("\uFFFC", "…");

/** All that is wrong with a template, its fallbacks in their places. */
export function checkTemplate(rules: ContentRules, template: Text): Finding[] {
  const { category, content, variables } = template;
  const judge = (body: string) =>
    check(composeDraft({ body, variables }), category, rules, () => true);
  if (!content) return judge(template.body);
  return textsOf(content).flatMap(({ path, text }) =>
    judge(text).map((found) => (found.path === "body" ? { ...found, path } : found)),
  );
}

/**
 * What the values of a message bring in, alone or together with the words around them. What the
 * template says by itself was judged when it was made.
 */
export function checkMessage(
  rules: ContentRules,
  template: Text,
  values: Readonly<Record<string, string>>,
): Finding[] {
  const composed = composeMessage(template, values);
  return check(composed, template.category, rules, (span) => valuesIn(composed, span).length > 0);
}

const VERDICTS = {
  refuse: "content-rejected",
  hold: "content-review",
  observe: "observed",
} as const satisfies Record<Severity, string>;

/** How a message tells what was found in it, or null when nothing was. */
export function contentStep(findings: readonly Finding[]): TraceStep | null {
  const worst = worstOf(findings);
  if (worst === null) return null;
  const said = findings.map(({ variable, found, kind, en, zh }) => ({
    en: `${variable} holds “${found}”: ${en} (${kind})`,
    zh: `变量 ${variable} 含“${found}”：${zh}（${kind}）`,
  }));
  return {
    step: "content",
    verdict: VERDICTS[worst],
    en: `${said.map((one) => one.en).join("; ")}.`,
    zh: `${said.map((one) => one.zh).join("；")}。`,
  };
}
