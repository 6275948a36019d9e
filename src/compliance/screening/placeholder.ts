import { type Composed, valuesIn } from "./compose.ts";
import type { Hit } from "./finding.ts";
import { spanOf } from "./fold.ts";

/** Ours, and those of the vendors: a value that looks like one could be filled in once more. */
const PLACEHOLDER = /\{\{[^{}]{0,40}\}{0,2}|\}\}|\$\{[^{}]{0,40}\}?|\{\s*\d+\s*\}|#[a-z_]{1,20}#/g;

export const findPlaceholders = (composed: Composed): Hit[] =>
  [...composed.folded.text.matchAll(PLACEHOLDER)]
    .map((match) => spanOf(composed.folded, match.index, match.index + match[0].length))
    .filter((span) => valuesIn(composed, span).length > 0)
    .map((span) => ({ kind: "placeholder", severity: "refuse", ...span }));
