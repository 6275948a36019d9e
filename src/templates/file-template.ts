import { mapInLanes } from "../lib/lanes.ts";
import { ok, type Result } from "../lib/result.ts";
import { SECOND } from "../lib/time.ts";
import type { Category } from "../messages/message.ts";
import type { Provider, Region, Stamp, WireRequest, WireResponse } from "../providers/provider.ts";
import { isRelayRefusal } from "../providers/relay.ts";
import { type CallDeps, type CallFailure, call } from "../providers/submit.ts";
import { type Binding, variablesOf } from "./template.ts";

/** A provider account, as far as filing needs it. */
export interface FilingAccount {
  readonly id: string;
  readonly provider: Provider;
  readonly credentials: unknown;
  readonly endpoint: string;
  readonly relay: string | null;
  readonly enabled: boolean;
}

export interface FilingDeps extends CallDeps {
  readonly stamp: () => Stamp;
}

/** What is filed: one version of a template, with its sender's name. */
export interface FiledText {
  readonly name: string;
  readonly locale: string;
  readonly category: Category;
  readonly body: string;
  /** What is put behind the body, in each region. */
  readonly suffixes?: Readonly<Partial<Record<Region, string>>>;
  readonly sender: string;
}

const LIMITS = { timeoutMs: 5 * SECOND };
/** Connections that one invocation may hold open. */
const LANES = 6;

const UNANSWERED = "the provider did not answer; it will be filed again · 服务商无响应，将重新报备";
const UNRELAYED = "nothing was sent; it will be filed again · 请求未发出，将重新报备";
const UNUSABLE = "the account can't be used: check its credentials and endpoint · 账号配置不可用";
const REJECTED = "the provider's review refused it · 服务商审核未通过";

/** Throws what a description throws over an account that it can't use. */
async function ask<T>(
  deps: FilingDeps,
  account: FilingAccount,
  request: WireRequest,
  read: (response: WireResponse) => T,
): Promise<Result<T, CallFailure>> {
  const answer = await call(deps, account, request, LIMITS);
  return answer.ok ? ok(read(answer.value)) : answer;
}

const whyUnanswered = (failure: CallFailure): string =>
  isRelayRefusal(failure) ? `${failure}: ${UNRELAYED}` : UNANSWERED;

/** Files a text with one account. What no vendor reviews is approved at once. */
export async function fileText(
  deps: FilingDeps,
  account: FilingAccount,
  region: Region,
  text: FiledText,
): Promise<Binding> {
  const { templates } = account.provider;
  const parameters = variablesOf(text.body);
  const blank = { account: account.id, region, providerTemplateId: "", parameters };
  if (!templates) return { ...blank, status: "approved", detail: null };
  const filing = {
    name: `${text.name} ${text.locale}`,
    body: text.body + (text.suffixes?.[region] ?? ""),
    category: text.category,
    region,
    sender: text.sender,
    variables: parameters,
  };
  try {
    const request = templates.file(account.credentials, account.endpoint, filing, deps.stamp());
    const answer = await ask(deps, account, request, templates.readFiled);
    if (!answer.ok) {
      return { ...blank, status: "submitted", detail: whyUnanswered(answer.error) };
    }
    const filed = answer.value;
    if (!filed.ok && filed.code === "unreadable-answer") {
      return { ...blank, status: "submitted", detail: UNANSWERED };
    }
    if (!filed.ok) {
      return { ...blank, status: "rejected", detail: `${filed.code} ${filed.detail}`.trim() };
    }
    const { providerTemplateId } = filed;
    return { ...blank, providerTemplateId, status: "submitted", detail: null };
  } catch {
    return { ...blank, status: "rejected", detail: UNUSABLE };
  }
}

/** Files a text with every enabled account, for each region that its provider reaches. */
export function fileEverywhere(
  deps: FilingDeps,
  accounts: readonly FilingAccount[],
  text: FiledText,
  isFiled: (account: string, region: Region) => boolean = () => false,
): Promise<Binding[]> {
  const todo = accounts
    .filter((account) => account.enabled)
    .flatMap((account) => account.provider.regions.map((region) => ({ account, region })))
    .filter(({ account, region }) => !isFiled(account.id, region));
  return mapInLanes(todo, LANES, ({ account, region }) => fileText(deps, account, region, text));
}

/** The binding as it stands now: its review's end, or filed anew where the first try got no answer. */
export async function askAgain(
  deps: FilingDeps,
  account: FilingAccount,
  binding: Binding,
  text: FiledText,
): Promise<Binding> {
  if (binding.providerTemplateId === "") return fileText(deps, account, binding.region, text);
  const { templates } = account.provider;
  if (!templates) return binding;
  try {
    const { credentials, endpoint } = account;
    const request = templates.review(credentials, endpoint, binding, deps.stamp());
    const answer = await ask(deps, account, request, templates.readReview);
    const outcome = answer.ok ? answer.value : "unknown";
    if (outcome === "approved") return { ...binding, status: "approved", detail: null };
    if (outcome === "rejected") return { ...binding, status: "rejected", detail: REJECTED };
    return binding;
  } catch {
    return binding;
  }
}

/** Every pending binding asked for again; those of absent or disabled accounts stay as they are. */
export function askAgainAll(
  deps: FilingDeps,
  accounts: readonly FilingAccount[],
  bindings: readonly Binding[],
  text: FiledText,
): Promise<Binding[]> {
  return mapInLanes(bindings, LANES, (binding) => {
    const account = accounts.find((one) => one.id === binding.account && one.enabled);
    if (!account || binding.status !== "submitted") return Promise.resolve(binding);
    return askAgain(deps, account, binding, text);
  });
}
