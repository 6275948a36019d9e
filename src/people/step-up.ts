import { createOTP } from "@better-auth/utils/otp";
import { symmetricDecrypt } from "better-auth/crypto";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import { authSecret, hashToken, newToken } from "./auth.ts";
import { verifyPassword } from "./password.ts";
import { renewSession } from "./sessions/store.ts";
import { readPasswordHash, readTwoFactor } from "./store.ts";

export interface StepUpDeps {
  readonly db: Database;
  readonly keys: Keys;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly now: () => number;
}

/** What somebody who is signed in shows once more. */
export type Proof = { readonly password: string } | { readonly totp: string };

/** Whether a proof is the person's own. */
export async function provesPerson(deps: StepUpDeps, id: string, proof: Proof): Promise<boolean> {
  const { db, keys } = deps;
  if ("password" in proof) {
    const hash = await readPasswordHash(db, id);
    return hash !== null && verifyPassword(keys, hash, proof.password);
  }
  const sealed = await readTwoFactor(db, id);
  if (sealed === null) return false;
  const secret = await symmetricDecrypt({ key: authSecret(keys), data: sealed });
  return createOTP(secret).verify(proof.totp);
}

/** Another token for the session, which is fresh from then on; null when it ended meanwhile. */
export async function stepUp(deps: StepUpDeps, sessionId: string): Promise<string | null> {
  const token = newToken(deps.randomBytes);
  const isRenewed = await renewSession(deps.db, sessionId, hashToken(deps.keys, token), deps.now());
  return isRenewed ? token : null;
}
