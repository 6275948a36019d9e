import type { Composed } from "./compose.ts";
import type { Hit } from "./finding.ts";
import { spanOf } from "./fold.ts";

const BRACKETED = /【[^】]{0,40}】?|】/g;

/** Networks take what stands in 【】 for the sender; ours is put there by us alone. */
export const findSignatures = ({ folded }: Composed): Hit[] =>
  [...folded.text.matchAll(BRACKETED)].map((match) => ({
    kind: "signature",
    severity: "refuse",
    ...spanOf(folded, match.index, match.index + match[0].length),
  }));
