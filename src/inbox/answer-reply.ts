import type { Database } from "../db/client.ts";
import { type AcceptDeps, acceptMessages } from "../dispatch/accept-messages.ts";
import type { Keys } from "../lib/keys.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { HOUR, MINUTE } from "../lib/time.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import type { Template } from "../templates/template.ts";
import type { ReplyReason } from "./reply.ts";
import { countAnswers } from "./store.ts";

/** Whom to answer, and with what. */
export interface Answering {
  readonly db: Database;
  readonly keys: Keys;
  readonly now: number;
  readonly accepting: AcceptDeps;
  readonly templates: readonly Template[];
  readonly storefront: Storefront;
  /** The `rpl_` id. */
  readonly reply: string;
  readonly receivedAt: number;
  /** E.164. */
  readonly to: string;
  /** Of the message that was answered. */
  readonly locale: string | undefined;
}

const CONFIRMATION = "opt-out-confirmed";
/** The law gives a confirmation so long; later it would be one more text. */
const CONFIRM_WITHIN = 5 * MINUTE;
const ANSWER_WITHIN = HOUR;
/** Two machines that answer each other end here. */
const ANSWERS_AN_HOUR = 5;

/** The `msg_` id of the answer, or null: nothing by that name can be sent, or it is too late. */
async function send(
  { accepting, templates, storefront, reply, receivedAt, to, locale, now }: Answering,
  said: { readonly name: string; readonly withinMs: number; readonly isNotice: boolean },
): Promise<string | null> {
  const variants = templates.filter(
    (one) =>
      one.storefront === storefront.id &&
      one.name === said.name &&
      (said.isNotice ? one.category === "notification" : one.category !== "otp"),
  );
  const expiresInMs = receivedAt + said.withinMs - now;
  if (variants.length === 0 || expiresInMs <= 0) return null;
  const [made] = await acceptMessages(accepting, {
    storefront,
    variants,
    recipients: [{ to, locale, reference: reply, request: `answer ${reply}` }],
    sendAt: null,
    expiresInMs,
    // Who has just written is awake.
    urgent: true,
    campaign: null,
    request: null,
  });
  return made?.ok ? made.value.id : null;
}

/** Says once that the opt-out holds, as a notification; nothing where there are no words for it. */
export const confirmOptOut = (answering: Answering): Promise<string | null> =>
  send(answering, { name: CONFIRMATION, withinMs: CONFIRM_WITHIN, isNotice: true });

/** Answers by a template of that name; its message's id. */
export async function answerReply(
  answering: Answering,
  template: string,
): Promise<Result<string, ReplyReason>> {
  const { db, keys, to, now } = answering;
  const answered = await countAnswers(db, keys.blindIndexes(to), now - HOUR);
  if (answered >= ANSWERS_AN_HOUR) return fail("answered-enough");
  const said = { name: template, withinMs: ANSWER_WITHIN, isNotice: false };
  const message = await send(answering, said);
  return message === null ? fail("not-answered") : ok(message);
}
