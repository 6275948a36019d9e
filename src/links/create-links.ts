import { drawLinkCode } from "./code.ts";
import type { NewLink } from "./link.ts";

export interface CreateLinksDeps {
  readonly randomBytes: (length: number) => Uint8Array;
  /** Answers the codes that were still free. */
  readonly insert: (
    rows: readonly (NewLink & { readonly code: string })[],
  ) => Promise<ReadonlySet<string>>;
}

/** The code of each, in their order: one that somebody has already is drawn again. */
export async function createLinks(
  { randomBytes, insert }: CreateLinksDeps,
  wanted: readonly NewLink[],
): Promise<readonly string[]> {
  const codes = new Array<string>(wanted.length);
  let left = [...wanted.entries()];
  while (left.length > 0) {
    const drawn = new Set<string>();
    while (drawn.size < left.length) drawn.add(drawLinkCode(randomBytes));
    const own = [...drawn];
    const made = await insert(left.map(([, link], at) => ({ ...link, code: own[at] ?? "" })));
    left = left.filter(([index], at) => {
      const code = own[at] ?? "";
      if (made.has(code)) codes[index] = code;
      return !made.has(code);
    });
  }
  return codes;
}
