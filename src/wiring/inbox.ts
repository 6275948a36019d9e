import type { PermissionDeps } from "../compliance/permissions/change.ts";
import { findContact, upsertContacts } from "../contacts/store.ts";
import type { Database } from "../db/client.ts";
import type { AcceptDeps } from "../dispatch/accept-messages.ts";
import type { PolicyOf } from "../dispatch/leave.ts";
import { attend, attendDue } from "../inbox/attend.ts";
import type { InboxDeps } from "../inbox/handle-reply.ts";
import type { IdPrefix } from "../lib/id.ts";
import type { Keys } from "../lib/keys.ts";
import { type Clock, SECOND } from "../lib/time.ts";
import type { MessageLog } from "../messages/log.ts";
import { LEAVE_GOOD_FOR } from "../phone/texts.ts";
import { type HeldReply, storeReplies } from "../receipts/store.ts";
import { publishEvents } from "../triggers/publish-events.ts";
import type { TriggerDeps } from "../triggers/send-occasions.ts";
import type { Configuration } from "./configuration.ts";

/**
 * A vendor waits for its acknowledgement no longer, and gets none for what is not handled by then:
 * an opt-out has to hold before it is told so. It takes a leave's time and what is left of this.
 */
const ANSWER_WITHIN = LEAVE_GOOD_FOR + 1.5 * SECOND;
/** Where a reply's message is looked for: nobody answers an older one. */
const MOST_MESSAGES = 50;

interface Parts {
  readonly env: Pick<Env, "DB">;
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly log: MessageLog;
  readonly newId: (prefix: IdPrefix) => string;
  readonly wait: (ms: number) => Promise<void>;
  readonly permissions: PermissionDeps;
  readonly policies: () => Promise<PolicyOf>;
  readonly configuration: () => Promise<Configuration>;
  readonly accepting: (now: Configuration) => AcceptDeps;
  readonly noteReply: InboxDeps["noteReply"];
  /** What telling an event takes, at this moment. */
  readonly triggers: (later: (work: Promise<unknown>) => void) => Promise<TriggerDeps>;
  readonly logError: (event: string, error: unknown) => void;
}

/** What handsets answer, and what follows from it, wired together. */
export function wireInbox(parts: Parts) {
  const { env, db, keys, clock, log, logError } = parts;
  const deps: InboxDeps = {
    db,
    keys,
    clock,
    logError,
    permissions: parts.permissions,
    async open() {
      const now = await parts.configuration();
      return { ...now, accepting: parts.accepting(now), policyOf: await parts.policies() };
    },
    messagesTo: (numbers) => log.list({ numbers }, MOST_MESSAGES),
    async tagContact(storefront, { e164, country }, attributes) {
      const known = await findContact({ db, keys }, { storefront, to: e164 });
      if (!known) return;
      const change = { to: e164, country: country ?? known.country, attributes };
      await upsertContacts({ db, keys }, storefront, [change], {
        now: clock.now(),
        newId: () => parts.newId("ctc"),
      });
    },
    noteReply: parts.noteReply,
    async postEvent(storefront, event) {
      const behind: Promise<unknown>[] = [];
      const told = { ...event, country: null, contact: null, occurredAt: null };
      await publishEvents(await parts.triggers((work) => void behind.push(work)), storefront, [
        told,
      ]);
      await Promise.all(behind);
    },
  };
  const failed = (error: unknown) => logError("reply-not-handled", error);

  return {
    /** Resolves once they are durable; true when all that they ask for is done, too. */
    async keep(replies: readonly HeldReply[]): Promise<boolean> {
      await storeReplies(env.DB, replies);
      const ids = replies.map((one) => one.id);
      const handled = attend(deps, ids).catch((error: unknown) => {
        failed(error);
        return false;
      });
      return Promise.race([handled, parts.wait(ANSWER_WITHIN).then(() => false)]);
    },
    /** For the second hand: what a crash or a failure left. */
    tend: (): Promise<void> => attendDue(deps).catch(failed),
  };
}
