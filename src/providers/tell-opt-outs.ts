import type { NoticeOutcome, OptOutNotice } from "./provider.ts";
import { call, type ProviderAccount, type SubmitDeps } from "./submit.ts";

/** Whether its vendor keeps a list that this account can be told opt-outs for. */
export function keepsList({ provider, credentials }: ProviderAccount): boolean {
  const parsed = provider.credentials.safeParse(credentials);
  return parsed.success && provider.optOuts?.hasList(parsed.data) === true;
}

/**
 * Tells one account's vendor where numbers stand, in one call: one outcome a notice, in their
 * order. Never throws; whatever goes wrong leaves them to be told again.
 */
export async function tellOptOuts(
  deps: SubmitDeps,
  account: ProviderAccount,
  notices: readonly OptOutNotice[],
  limits: { readonly timeoutMs: number },
): Promise<readonly NoticeOutcome[]> {
  const later = (code: string) => notices.map((): NoticeOutcome => ({ kind: "later", code }));
  const { optOuts, credentials } = account.provider;
  const parsed = credentials.safeParse(account.credentials);
  if (!optOuts || !parsed.success || notices.length > optOuts.most)
    return later("unusable-account");
  try {
    const request = optOuts.tell(parsed.data, account.endpoint, notices, deps.stamp());
    const answer = await call(deps, account, request, limits);
    if (!answer.ok) return later(answer.error);
    const outcomes = optOuts.readTold(answer.value, notices);
    return outcomes.length === notices.length ? outcomes : later("unreadable-answer");
  } catch {
    return later("unreadable-answer");
  }
}
