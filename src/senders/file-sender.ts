import type { Database } from "../db/client.ts";
import { mapInLanes } from "../lib/lanes.ts";
import { SECOND } from "../lib/time.ts";
import type { Provider, SenderReview, Stamp } from "../providers/provider.ts";
import { isRelayRefusal } from "../providers/relay.ts";
import { type CallDeps, call } from "../providers/submit.ts";
import type { SenderFiling } from "./sender.ts";
import { pageSenders, saveFilings } from "./store.ts";

/** A provider account, as far as filing a name needs it. */
export interface SenderAccount {
  readonly id: string;
  readonly provider: Provider;
  readonly credentials: unknown;
  readonly endpoint: string;
  readonly relay: string | null;
  readonly enabled: boolean;
}

export interface SenderFilingDeps extends CallDeps {
  readonly stamp: () => Stamp;
}

const LIMITS = { timeoutMs: 5 * SECOND };
/** Connections that one invocation may hold open. */
const LANES = 6;

const UNANSWERED = "the provider did not answer · 服务商无响应";
const UNRELAYED = "nothing was sent: look at its relay · 请求未发出，请检查中转";
const UNUSABLE = "the account can't be used: check its credentials and endpoint · 账号配置不可用";
const REJECTED = "the provider's review refused it · 服务商审核未通过";

/** Abroad a sender's name is not filed, and Aliyun knows a name but once. */
const region = "domestic";

/** The filing as the vendor's review has it; unchanged where that says nothing. */
function withReview(filing: SenderFiling, review: SenderReview): SenderFiling {
  const providerSenderId = review.id ?? filing.providerSenderId;
  const known = { account: filing.account, providerSenderId, carrierState: review.carriers };
  if (review.outcome === "approved") return { ...known, status: "approved", detail: null };
  if (review.outcome === "pending") return { ...known, status: "submitted", detail: null };
  if (review.outcome === "unknown") return filing;
  return { ...known, status: "rejected", detail: review.detail || REJECTED };
}

/** The filing as it stands at its vendor now, as far as the vendor says. */
export async function lookAtFiling(
  deps: SenderFilingDeps,
  account: SenderAccount,
  name: string,
  filing: SenderFiling,
): Promise<SenderFiling> {
  const { credentials, endpoint, provider } = account;
  if (!provider.senders) return filing;
  const sender = { name, id: filing.providerSenderId, region } as const;
  try {
    const request = provider.senders.review(credentials, endpoint, sender, deps.stamp());
    const answer = await call(deps, account, request, LIMITS);
    return answer.ok
      ? withReview(filing, provider.senders.readReview(answer.value, sender))
      : filing;
  } catch {
    return filing;
  }
}

async function fileWith(
  deps: SenderFilingDeps,
  account: SenderAccount,
  senders: NonNullable<Provider["senders"]>,
  name: string,
): Promise<SenderFiling> {
  const { id, credentials, endpoint } = account;
  const filing = { account: id, providerSenderId: null, carrierState: null };
  try {
    const request = senders.file(credentials, endpoint, { name, region }, deps.stamp());
    const answer = await call(deps, account, request, LIMITS);
    if (!answer.ok && isRelayRefusal(answer.error)) {
      return { ...filing, status: "rejected", detail: `${answer.error}: ${UNRELAYED}` };
    }
    const filed = answer.ok ? senders.readFiled(answer.value) : null;
    if (!filed || (!filed.ok && filed.code === "unreadable-answer")) {
      return { ...filing, status: "submitted", detail: UNANSWERED };
    }
    if (filed.ok) {
      const { providerTemplateId: providerSenderId } = filed;
      return { ...filing, providerSenderId, status: "submitted", detail: null };
    }
    const refusal = `${filed.code} ${filed.detail}`.trim();
    const refused = { ...filing, status: "rejected", detail: refusal } as const;
    // Vendors refuse a name that they have already: from an earlier try, or made in their console.
    const known = await lookAtFiling(deps, account, name, refused);
    return known.status === "rejected" ? refused : known;
  } catch {
    return { ...filing, status: "rejected", detail: UNUSABLE };
  }
}

/** Files a name with every enabled account whose provider files names. */
export function fileSender(
  deps: SenderFilingDeps,
  accounts: readonly SenderAccount[],
  name: string,
): Promise<SenderFiling[]> {
  const todo = accounts.flatMap((account) => {
    const { senders } = account.provider;
    return account.enabled && senders ? [{ account, senders }] : [];
  });
  return mapInLanes(todo, LANES, ({ account, senders }) => fileWith(deps, account, senders, name));
}

/**
 * Files a sender's name where it was not filed yet, or was refused: with accounts that came after
 * it. No vendor takes a template under a name that it does not know.
 */
export async function fileWhereMissing(
  deps: SenderFilingDeps & { readonly db: Database },
  accounts: readonly SenderAccount[],
  id: string,
): Promise<void> {
  const [sender] = await pageSenders(deps.db, { id }, 1);
  if (!sender) return;
  const known = sender.filings.filter((one) => one.status !== "rejected");
  const missing = accounts.filter((account) => !known.some((one) => one.account === account.id));
  await saveFilings(deps.db, id, await fileSender(deps, missing, sender.name));
}
