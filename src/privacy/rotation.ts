import type { Resealed } from "./reseal.ts";

/** How far a rotation is: which table, behind which row, in which pass over all of them. */
export interface Rotation {
  readonly target: number;
  readonly cursor: number;
  readonly pass: number;
  /** Rows looked at, over all passes. */
  readonly looked: number;
  readonly resealed: number;
  /** Rows of this pass that an older key had made, and how many of them it rewrote. */
  readonly found: number;
  readonly rewritten: number;
}

export type RotationEnd =
  | { readonly kind: "going"; readonly rotation: Rotation }
  /** A whole pass met no row of an older key. */
  | { readonly kind: "done"; readonly rotation: Rotation }
  /** What is left could not be rewritten. */
  | { readonly kind: "stuck"; readonly rotation: Rotation };

export const newRotation: Rotation = {
  target: 0,
  cursor: 0,
  pass: 1,
  looked: 0,
  resealed: 0,
  found: 0,
  rewritten: 0,
};

/**
 * What follows a step. A row may have come in behind the cursor under an older key, from an outbox
 * that was full before: hence passes, until one finds nothing.
 */
export function advance(rotation: Rotation, step: Resealed, targets: number): RotationEnd {
  const counted = {
    ...rotation,
    looked: rotation.looked + step.looked,
    resealed: rotation.resealed + step.resealed,
    found: rotation.found + step.older,
    rewritten: rotation.rewritten + step.resealed,
  };
  if (step.cursor !== null) {
    return { kind: "going", rotation: { ...counted, cursor: step.cursor } };
  }
  if (rotation.target + 1 < targets) {
    return { kind: "going", rotation: { ...counted, target: rotation.target + 1, cursor: 0 } };
  }
  if (counted.found === 0) return { kind: "done", rotation: counted };
  if (counted.rewritten === 0) return { kind: "stuck", rotation: counted };
  const next = { target: 0, cursor: 0, pass: rotation.pass + 1, found: 0, rewritten: 0 };
  return { kind: "going", rotation: { ...counted, ...next } };
}
