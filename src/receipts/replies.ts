import type { Keys } from "../lib/keys.ts";
import { MINUTE } from "../lib/time.ts";
import type { Push, Reply } from "../providers/provider.ts";
import type { Account } from "../routing/account.ts";
import { isAuthentic, type Received } from "./receive.ts";
import type { HeldReply } from "./store.ts";

export interface ReceiveRepliesDeps {
  readonly keys: Keys;
  readonly now: () => number;
  /** Resolves once they are durable; false while what they ask for is not done. */
  readonly keepReplies: (replies: readonly HeldReply[]) => Promise<boolean>;
  readonly logError: (event: string, error: unknown) => void;
}

/**
 * The same for every delivery of one reply. Without an id of the vendor's, the same words from the
 * same number within a minute are one; keyed, since a plain digest of a number can be guessed.
 */
function idOf(keys: Keys, account: string, reply: Reply, receivedAt: number): string {
  if (reply.id) return `${account}:${reply.id}`;
  const minute = Math.floor((reply.at?.getTime() ?? receivedAt) / MINUTE);
  return `${account}:${keys.identify("reply", `${minute}\n${reply.from}\n${reply.text}`)}`;
}

/** Keeps what handsets answered. Once it is `kept` it is durable and done, and so may be acknowledged. */
export async function receiveReplies(
  deps: ReceiveRepliesDeps,
  account: Account,
  push: Push,
): Promise<Received> {
  const { keys } = deps;
  const { id: provider, replies: pushes } = account.provider;
  if (!pushes) return "kept";
  if (!isAuthentic(deps, account, pushes, push)) return "forged";
  const { replies, unreadable } = pushes.read(push);
  if (unreadable > 0) deps.logError("reply-unreadable", { provider, unreadable });
  if (replies.length === 0) return "kept";
  const receivedAt = deps.now();
  const held = replies.map((reply): HeldReply => {
    const id = idOf(keys, account.id, reply, receivedAt);
    return {
      id,
      provider,
      account: account.id,
      fromSealed: keys.seal(reply.from, `replies|from|${id}`),
      fromIndex: keys.blindIndex(reply.from),
      textSealed: keys.seal(reply.text, `replies|text|${id}`),
      verified: pushes.isAuthentic !== undefined,
      receivedAt,
    };
  });
  return (await deps.keepReplies(held)) ? "kept" : "unsettled";
}
