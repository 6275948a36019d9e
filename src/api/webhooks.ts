import type { Context } from "hono";
import {
  accountOfCallback,
  noteForged,
  type ReceiveDeps,
  receiveReceipts,
} from "../receipts/receive.ts";
import { type ReceiveRepliesDeps, receiveReplies } from "../receipts/replies.ts";
import type { Account } from "../routing/account.ts";
import { decode } from "./body.ts";
import type { Api } from "./endpoint.ts";
import type { PushedBodies } from "./pushed-body.ts";

const LIMIT = 256 * 1024;

export interface WebhookDeps extends ReceiveDeps, ReceiveRepliesDeps {
  /** As vendors were told to call us: TLS may end before us, and they sign what they called. */
  readonly publicOrigin: string;
  readonly bodies: Pick<PushedBodies, "read">;
  readonly accounts: (later: (work: Promise<unknown>) => void) => Promise<readonly Account[]>;
}

/** A refusal says nothing, not even what it is a refusal of. */
const nothing = (status: 400 | 403 | 404 | 408 | 413 | 503) => new Response(null, { status });

/**
 * Where providers push receipts and replies. The vendor's own acknowledgement is sent once receipts
 * are durable and replies done, and for those that are not ours as well: otherwise it would push
 * them for ever.
 */
export function mountWebhooks(api: Api, deps: WebhookDeps): void {
  const receive = async (context: Context, what: "receipts" | "replies") => {
    const accounts = await deps.accounts((work) => context.executionCtx.waitUntil(work));
    const callback = {
      provider: context.req.param("provider") ?? "",
      account: context.req.param("account") ?? "",
      token: context.req.param("token") ?? "",
    };
    const account = accountOfCallback(accounts, callback, deps.now());
    const pushes = account?.provider[what];
    if (!account || !pushes) return nothing(404);
    const { method, url, headers } = context.req.raw;
    if (pushes.signatureHeader !== undefined && !headers.has(pushes.signatureHeader)) {
      noteForged(deps, account);
      return nothing(403);
    }
    const bytes = await deps.bodies.read(context.req.raw, LIMIT);
    if (typeof bytes === "number") return nothing(bytes);
    const body = decode(bytes);
    if (body === null) return nothing(400);
    const push = {
      method,
      url: deps.publicOrigin + url.slice(new URL(url).origin.length),
      headers: Object.fromEntries(headers),
      body,
    };
    const received = await (what === "receipts"
      ? receiveReceipts(deps, account, push)
      : receiveReplies(deps, account, push));
    if (received === "forged") return nothing(403);
    if (received === "unsettled") return nothing(503);
    const { contentType, body: acknowledgement } = pushes.acknowledgement;
    return new Response(acknowledgement, { headers: { "Content-Type": contentType } });
  };
  api.post("/webhooks/:provider/:account/:token", (context) => receive(context, "receipts"));
  api.post("/webhooks/:provider/:account/:token/receipts", (context) =>
    receive(context, "receipts"),
  );
  // Some vendors push replies by GET, all of it in the query.
  api.on(["GET", "POST"], "/webhooks/:provider/:account/:token/replies", (context) =>
    receive(context, "replies"),
  );
}
