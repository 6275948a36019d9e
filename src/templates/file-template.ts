import { mapInLanes } from "../lib/lanes.ts";
import { ok, type Result } from "../lib/result.ts";
import { SECOND } from "../lib/time.ts";
import type { Category } from "../messages/message.ts";
import type { Provider, Region, Stamp, WireRequest, WireResponse } from "../providers/provider.ts";
import { isRelayRefusal } from "../providers/relay.ts";
import { type CallDeps, type CallFailure, call } from "../providers/submit.ts";
import {
  type Frame,
  type Frames,
  frameFiled,
  inFrame,
  NO_FRAME,
  readFrame,
  writeFrame,
} from "./frame.ts";
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
  /** Of an offer: each is filed on its own. */
  readonly frames?: Frames;
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
  frame: Frame | null = null,
): Promise<Binding> {
  const { templates } = account.provider;
  const parameters = variablesOf(text.body);
  const blank = {
    account: account.id,
    region,
    providerTemplateId: "",
    parameters,
    frame: templates && frame ? writeFrame(frame) : "",
  };
  if (!templates) return { ...blank, status: "approved", detail: null };
  const filing = {
    name: `${text.name} ${text.locale}`,
    body: inFrame(frame ?? NO_FRAME, text.body),
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

/** What an account of a region files: a text in each of its frames; who takes any text, nothing. */
const framesOf = (
  { provider }: FilingAccount,
  region: Region,
  { frames }: FiledText,
): readonly (Frame | null)[] => (provider.templates && frames ? frames[region] : [null]);

/** Whether a filing is that of a frame. */
export const isFiledIn = (
  binding: Pick<Binding, "frame">,
  frame: Frame | null,
  { frames }: FiledText,
  region: Region,
): boolean => {
  if (frame === null) return true;
  const usual = frames?.[region][0] ?? NO_FRAME;
  return frameFiled(binding, usual) === writeFrame(frame);
};

/** Files a text with every enabled account, for each region that its provider reaches. */
export function fileEverywhere(
  deps: FilingDeps,
  accounts: readonly FilingAccount[],
  text: FiledText,
  isFiled: (account: string, region: Region, frame: Frame | null) => boolean = () => false,
): Promise<Binding[]> {
  const todo = accounts
    .filter((account) => account.enabled)
    .flatMap((account) => account.provider.regions.map((region) => ({ account, region })))
    .flatMap((one) => framesOf(one.account, one.region, text).map((frame) => ({ ...one, frame })))
    .filter(({ account, region, frame }) => !isFiled(account.id, region, frame));
  return mapInLanes(todo, LANES, ({ account, region, frame }) =>
    fileText(deps, account, region, text, frame),
  );
}

/** The binding as it stands now: its review's end, or filed anew where the first try got no answer. */
export async function askAgain(
  deps: FilingDeps,
  account: FilingAccount,
  binding: Binding,
  text: FiledText,
): Promise<Binding> {
  if (binding.providerTemplateId === "") {
    const { region } = binding;
    const [usual] = text.frames?.[region] ?? [];
    const frame = usual ? readFrame(frameFiled(binding, usual)) : null;
    return fileText(deps, account, region, text, frame);
  }
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
