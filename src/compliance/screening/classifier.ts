import { explain, type Finding, type Severity } from "./finding.ts";

/** What a model makes of a text; null: nothing to object to, or nothing to say. */
export type Classify = (text: string) => Promise<Extract<Severity, "refuse" | "hold"> | null>;

/**
 * The findings, and a model's verdict beside them. It takes none away, and its failure says
 * nothing of the text.
 */
export async function withVerdict(
  findings: readonly Finding[],
  classify: Classify | null,
  text: string,
  mode: "enforce" | "observe" | "off",
): Promise<readonly Finding[]> {
  if (!classify || mode === "off") return findings;
  const severity = await classify(text).catch(() => null);
  if (severity === null) return findings;
  const finding: Finding = {
    kind: "classifier",
    severity: mode === "observe" ? "observe" : severity,
    path: "body",
    variable: null,
    start: 0,
    end: 0,
    found: "",
    ...explain("classifier"),
  };
  return [...findings, finding];
}

/** How Llama Guard answers: an object, or `unsafe` with its categories on the next line. */
export function readGuardVerdict(answer: unknown): "hold" | null {
  const { response } = (answer ?? {}) as { readonly response?: unknown };
  if (typeof response === "string") return /^\s*unsafe\b/i.test(response) ? "hold" : null;
  const { safe } = (response ?? {}) as { readonly safe?: unknown };
  return safe === false ? "hold" : null;
}
