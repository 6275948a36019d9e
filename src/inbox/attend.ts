import { mapInLanes } from "../lib/lanes.ts";
import { handleReply, type InboxDeps } from "./handle-reply.ts";
import { dueReplies, noteFailure, type ReplyRow, unhandledOf } from "./store.ts";

const LANES = 6;
const MOST_AT_ONCE = 60;

/** Replies of one number go one after the other: `STOP` and `START` are not the same the other way round. */
async function handleAll(deps: InboxDeps, rows: readonly ReplyRow[]): Promise<void> {
  const byNumber = [...Map.groupBy(rows, (row) => row.fromIndex).values()];
  await mapInLanes(byNumber, LANES, async (own) => {
    for (const row of own) {
      try {
        await handleReply(deps, row);
      } catch (error) {
        deps.logError("reply-not-handled", error);
        await noteFailure(deps.db, row.id);
      }
    }
  });
}

/** Handles replies that have just come in. */
export const attend = async (deps: InboxDeps, ids: readonly string[]): Promise<void> =>
  handleAll(deps, await unhandledOf(deps.db, ids));

/** Handles what a crash or a failure left; safe beside another that does the same. */
export const attendDue = async (deps: InboxDeps): Promise<void> =>
  handleAll(deps, await dueReplies(deps.db, deps.clock.now(), MOST_AT_ONCE));
