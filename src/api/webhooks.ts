import type { Context } from "hono";
import { accountOfCallback, type ReceiveDeps, receiveReceipts } from "../receipts/receive.ts";
import type { Account } from "../routing/account.ts";
import { readText } from "./body.ts";
import type { Api } from "./endpoint.ts";

const LIMIT = 256 * 1024;

export interface WebhookDeps extends ReceiveDeps {
  readonly accounts: (later: (work: Promise<unknown>) => void) => Promise<readonly Account[]>;
}

/** A wrong URL says nothing, not even what it is a wrong one of. */
const nothing = () => new Response(null, { status: 404 });

/**
 * Where providers push receipts. The vendor's own acknowledgement is sent once the receipts are
 * durable, and for receipts that are not ours as well: otherwise it would push them for ever.
 */
export function mountWebhooks(api: Api, deps: WebhookDeps): void {
  const receive = async (context: Context) => {
    const accounts = await deps.accounts((work) => context.executionCtx.waitUntil(work));
    const account = accountOfCallback(accounts, {
      provider: context.req.param("provider") ?? "",
      account: context.req.param("account") ?? "",
      token: context.req.param("token") ?? "",
    });
    if (!account) return nothing();
    const text = await readText(context.req.raw, LIMIT);
    if (text === null) return new Response(null, { status: 413 });
    if (!account.provider.receipts) return nothing();
    const { method, url, headers } = context.req.raw;
    await receiveReceipts(deps, account, {
      method,
      url,
      headers: Object.fromEntries(headers),
      body: text,
    });
    const { contentType, body } = account.provider.receipts.acknowledgement;
    return new Response(body, { headers: { "Content-Type": contentType } });
  };
  api.post("/webhooks/:provider/:account/:token", receive);
  api.post("/webhooks/:provider/:account/:token/receipts", receive);
}
