import { partsOf } from "../../templates/body.ts";
import type { Variable } from "../../templates/template.ts";
import { type Folded, fold, overlaps, type Span, type Squeezed, squeeze } from "./fold.ts";

/** A stretch of a text that comes from one place. */
export interface Piece extends Span {
  /** The field that it comes from, and where in that field it begins. */
  readonly path: string;
  readonly offset: number;
  /** The variable whose value it is; null: the author's own words. */
  readonly variable: Variable | null;
}

/** A text as a handset would show it, with the origin of each part. */
export interface Composed {
  readonly text: string;
  readonly pieces: readonly Piece[];
  readonly folded: Folded;
  readonly squeezed: Squeezed;
}

type Source = Pick<Piece, "path" | "offset" | "variable"> & { readonly text: string };

/** Stands for a value that is not known yet. */
const ANY_VALUE = "\uFFFC";

function compose(sources: readonly Source[]): Composed {
  const pieces: Piece[] = [];
  let text = "";
  for (const { path, offset, variable, text: part } of sources) {
    pieces.push({ path, offset, variable, start: text.length, end: text.length + part.length });
    text += part;
  }
  const folded = fold(text);
  return { text, pieces, folded, squeezed: squeeze(folded) };
}

interface Text {
  readonly body: string;
  readonly variables: readonly Variable[];
}

/** A template before anybody fills it in: fallbacks in their places, elsewhere any value. */
export function composeDraft({ body, variables }: Text): Composed {
  let at = 0;
  const sources = partsOf(body).map((part): Source => {
    const offset = at;
    if (typeof part === "string") {
      at += part.length;
      return { text: part, path: "body", offset, variable: null };
    }
    at += part.source.length;
    const variable = variables.find((one) => one.name === part.name) ?? null;
    if (part.fallback !== null) {
      const inside = offset + part.source.lastIndexOf(part.fallback);
      return { text: part.fallback, path: "body", offset: inside, variable };
    }
    const fallback = variable?.fallback ?? null;
    if (fallback === null) return { text: ANY_VALUE, path: "body", offset, variable: null };
    return { text: fallback, path: `variables.${part.name}.fallback`, offset: 0, variable };
  });
  return compose(sources);
}

/** A text with the values that it is sent with. */
export function composeMessage(
  { body, variables }: Text,
  values: Readonly<Record<string, string>>,
): Composed {
  let at = 0;
  const sources = partsOf(body).map((part): Source => {
    const offset = at;
    at += typeof part === "string" ? part.length : part.source.length;
    if (typeof part === "string") return { text: part, path: "body", offset, variable: null };
    const variable = variables.find((one) => one.name === part.name) ?? null;
    const path = `variables.${part.name}`;
    return { text: values[part.name] ?? "", path, offset: 0, variable };
  });
  return compose(sources);
}

/** The parts of a stretch that are values. */
export const valuesIn = ({ pieces }: Composed, span: Span): Piece[] =>
  pieces.filter((piece) => piece.variable !== null && overlaps(piece, span));

/** Whether some of a stretch is a value that may be any words. */
export const isInFreeValue = (composed: Composed, span: Span): boolean =>
  valuesIn(composed, span).some((piece) => piece.variable?.type === "text");
