import type { Database } from "../db/client.ts";
import { follow } from "../lib/follow.ts";
import { mapInLanes } from "../lib/lanes.ts";
import { MINUTE } from "../lib/time.ts";
import {
  fileSender,
  lookAtFiling,
  type SenderAccount,
  type SenderFilingDeps,
} from "./file-sender.ts";
import type { SenderFiling } from "./sender.ts";
import { listUnsettledFilings, type NamedFiling, saveLook } from "./store.ts";

export interface PollDeps extends SenderFilingDeps {
  readonly db: Database;
  readonly accounts: readonly SenderAccount[];
}

/** Filings that one run of the poll looks at; the next run goes on after them. */
const MOST_POLLED = 20;
/** With the connections that one invocation may hold open. */
const LANES = 6;

/** Filed anew where no vendor has it yet, else its review. */
async function askAgain(
  deps: PollDeps,
  account: SenderAccount,
  filing: NamedFiling,
): Promise<SenderFiling> {
  if (filing.status === "submitted" && filing.providerSenderId === null) {
    const [filed] = await fileSender(deps, [account], filing.name);
    return filed ?? filing;
  }
  return lookAtFiling(deps, account, filing.name, filing);
}

async function askForAll(deps: PollDeps, filings: readonly NamedFiling[]): Promise<void> {
  await mapInLanes(filings, LANES, async (filing) => {
    const account = deps.accounts.find((one) => one.id === filing.account);
    if (account) await saveLook(deps.db, filing, await askAgain(deps, account, filing));
  });
}

/** Those of absent or disabled accounts stay as they are. */
async function listAskable(deps: PollDeps, sender?: string): Promise<NamedFiling[]> {
  const enabled = new Set(deps.accounts.filter((one) => one.enabled).map((one) => one.id));
  const filings = await listUnsettledFilings(deps.db, sender);
  return filings.filter((filing) => enabled.has(filing.account));
}

/** The minute's look at what vendors and carriers have not decided yet, in turns. */
export async function pollSenders(deps: PollDeps, now: number): Promise<void> {
  const filings = await listAskable(deps);
  const first = (Math.floor(now / MINUTE) * MOST_POLLED) % Math.max(1, filings.length);
  await askForAll(
    deps,
    [...filings.slice(first), ...filings.slice(0, first)].slice(0, MOST_POLLED),
  );
}

/** Looks that follow a filing, so that a quick review shows at once. */
export const followSender = (
  deps: PollDeps & { readonly wait: (ms: number) => Promise<void> },
  id: string,
): Promise<void> =>
  follow(deps.wait, async () => {
    await askForAll(deps, await listAskable(deps, id));
    return (await listAskable(deps, id)).some((filing) => filing.status === "submitted");
  });
