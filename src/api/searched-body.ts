import { Buffer } from "node:buffer";
import { LONGEST_TOKEN } from "./caller.ts";
import type { Problem } from "./problem.ts";

/**
 * A request whose body is searched on its way. From the piece on that `refuse` says no to nothing
 * comes through: what was read is no whole body, and `refused` says why it must not be used.
 */
export function searchBody(
  request: Request,
  refuse: (text: string) => Problem | null,
): { readonly request: Request; refused(): Problem | null } {
  let found: Problem | null = null;
  let seam = "";
  const search = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, onward) {
      if (found) return;
      const { buffer, byteOffset, byteLength } = piece;
      // Keys are ASCII: one byte a character finds them in any encoding that holds them as such.
      const text = seam + Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
      found = refuse(text);
      seam = text.slice(-LONGEST_TOKEN);
      if (!found) onward.enqueue(piece);
    },
  });
  const body = request.body?.pipeThrough(search);
  return { request: body ? new Request(request, { body }) : request, refused: () => found };
}
