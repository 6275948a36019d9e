import { Buffer } from "node:buffer";
import type { Keys } from "../lib/keys.ts";
import { sameBytes } from "../lib/keys.ts";
import type { Push, Pushes } from "../providers/provider.ts";
import type { Account } from "../routing/account.ts";
import type { HeldReceipt } from "./apply-receipt.ts";

/** Receipts of one push go to one object; pushes spread over these. */
export const INBOX_SHARDS = 2;

/** The inbox of receipts that come together. */
export function inboxOf(receipts: readonly HeldReceipt[]): number {
  // The whole id: vendors' ids differ in the middle as well as at the end.
  let sum = 0;
  for (const char of receipts[0]?.providerMessageId ?? "") sum += char.charCodeAt(0);
  return sum % INBOX_SHARDS;
}

export interface ReceiveDeps {
  readonly keys: Keys;
  readonly now: () => number;
  readonly keep: (shard: number, receipts: readonly HeldReceipt[]) => Promise<void>;
  readonly logError: (event: string, error: unknown) => void;
}

/** The account that a callback URL names, or undefined when any part of it is wrong. */
export function accountOfCallback(
  accounts: readonly Account[],
  callback: { readonly provider: string; readonly account: string; readonly token: string },
  now: number,
): Account | undefined {
  const account = accounts.find((one) => one.id === callback.account);
  const given = Buffer.from(callback.token, "utf8");
  // Compared either way, so that a wrong account takes as long as a wrong token.
  const isToken = (token = callback.token) => sameBytes(Buffer.from(token, "utf8"), given);
  const previous = account?.previousToken;
  const isCurrent = isToken(account?.token);
  const isPrevious = isToken(previous?.token) && now < (previous?.until ?? 0);
  return (isCurrent || isPrevious) && account?.provider.id === callback.provider
    ? account
    : undefined;
}

/**
 * `forged`: the vendor signs what it pushes, and this is not its signature. `unsettled`: it is
 * safe, and what it asks for is not done; the vendor may tell it again.
 */
export type Received = "kept" | "forged" | "unsettled";

/** Whether the account's vendor made this push, as far as the vendor lets us know. */
export function isAuthentic(
  deps: Pick<ReceiveDeps, "logError">,
  account: Account,
  pushes: Pushes<unknown, unknown>,
  push: Push,
): boolean {
  if (!pushes.isAuthentic) return true;
  const credentials = account.provider.credentials.safeParse(account.credentials);
  if (credentials.success && pushes.isAuthentic(credentials.data, push)) return true;
  noteForged(deps, account);
  return false;
}

/** Says that somebody who has an account's callback URL can't sign as its vendor. */
export const noteForged = ({ logError }: Pick<ReceiveDeps, "logError">, account: Account): void =>
  logError("push-forged", { provider: account.provider.id, account: account.id });

/**
 * Aliyun names numbers without `+86` and foreign ones without `+`: 13105550123 is a number of the
 * mainland or of the United States. The message that it belongs to knows which.
 */
export const spellings = (number: string): string[] =>
  number.startsWith("+861") ? [number, `+${number.slice(3)}`] : [number];

/** Keeps what a vendor pushed. Once it is `kept` it is durable, and so may be acknowledged. */
export async function receiveReceipts(
  deps: ReceiveDeps,
  account: Account,
  push: Push,
): Promise<Received> {
  const pushes = account.provider.receipts;
  if (!pushes) return "kept";
  if (!isAuthentic(deps, account, pushes, push)) return "forged";
  const { receipts, unreadable } = pushes.read(push);
  const receivedAt = deps.now();
  if (unreadable > 0) {
    deps.logError("receipt-unreadable", { provider: account.provider.id, unreadable });
  }
  if (receipts.length === 0) return "kept";
  const held = receipts.map(
    (receipt): HeldReceipt => ({
      provider: account.provider.id,
      account: account.id,
      providerMessageId: receipt.providerMessageId,
      messageId: receipt.messageId ?? null,
      numbers: (receipt.to === undefined ? [] : spellings(receipt.to)).flatMap((number) =>
        deps.keys.blindIndexes(number),
      ),
      status: receipt.status,
      code: receipt.code,
      reason: receipt.reason ?? null,
      segments: receipt.segments ?? null,
      receivedAt,
    }),
  );
  await deps.keep(inboxOf(held), held);
  return "kept";
}
