import type { Keys } from "../lib/keys.ts";
import { sealedIn } from "../messages/message.ts";
import type { WaitingMessage } from "../messages/queued.ts";
import type { Submission } from "../providers/provider.ts";
import { type Account, isUsable } from "../routing/account.ts";
import { regionOf } from "../routing/route.ts";
import { type Frame, filedAs } from "../templates/frame.ts";
import type { Binding, TemplateVersion } from "../templates/template.ts";

/** A claimed message with the account it goes by and all that the submit needs. */
export interface Letter {
  readonly row: WaitingMessage;
  readonly account: Account;
  readonly to: string;
  readonly submission: Submission;
}

const approved = (
  version: Pick<TemplateVersion, "bindings">,
  account: string,
  country: string,
): Binding | undefined =>
  version.bindings.find(
    (one) =>
      one.account === account && one.region === regionOf(country) && one.status === "approved",
  );

/** A version with those of its filings alone that say what the text of the row says; see `filedAs`. */
export function versionAsSaid<V extends Pick<TemplateVersion, "bindings">>(
  keys: Keys,
  row: Pick<WaitingMessage, "id" | "textSealed" | "country">,
  version: V,
  usual: () => Frame,
): V {
  if (!version.bindings.some((one) => one.frame)) return version;
  const text = keys.unseal(row.textSealed, sealedIn("text", row.id));
  const about = { region: regionOf(row.country), usual: usual() };
  return { ...version, bindings: filedAs(version.bindings, text, about) };
}

/** The accounts of a route that could take the message now, in its order. */
export const usableAccounts = (
  row: Pick<WaitingMessage, "route" | "country">,
  version: Pick<TemplateVersion, "bindings">,
  accounts: readonly Account[],
): Account[] =>
  row.route.flatMap((id) => {
    const account = accounts.find((one) => one.id === id && isUsable(one));
    return account && approved(version, id, row.country) ? account : [];
  });

/** Opens a row for the one submit that it is for. */
export function writeLetter(
  keys: Keys,
  row: WaitingMessage,
  account: Account,
  version: Pick<TemplateVersion, "bindings">,
  facts: { readonly callbackUrl: string | null; readonly now: number },
): Letter {
  const binding = approved(version, account.id, row.country);
  const to = keys.unseal(row.toSealed, sealedIn("to", row.id));
  const values: Readonly<Record<string, string>> = JSON.parse(
    keys.unseal(row.variablesSealed, sealedIn("variables", row.id)),
  );
  const validForSeconds =
    row.expiresAt === null ? null : Math.max(1, Math.floor((row.expiresAt - facts.now) / 1000));
  return {
    row,
    account,
    to,
    submission: {
      messageId: row.id,
      to,
      region: regionOf(row.country),
      sender: row.sender,
      text: keys.unseal(row.textSealed, sealedIn("text", row.id)),
      templateId: binding?.providerTemplateId ?? "",
      parameters: (binding?.parameters ?? []).map((name) => ({ name, value: values[name] ?? "" })),
      category: row.category,
      callbackUrl: facts.callbackUrl,
      validForSeconds,
    },
  };
}
