import { mapInLanes } from "../lib/lanes.ts";
import { handleReply, type InboxDeps } from "./handle-reply.ts";
import { dueReplies, noteFailure, type ReplyRow, unhandledOf } from "./store.ts";

const LANES = 6;
const MOST_AT_ONCE = 60;

/** Replies of one number go one after the other: `STOP` and `START` are not the same the other way round. */
async function handleAll(deps: InboxDeps, rows: readonly ReplyRow[]): Promise<boolean> {
  let failures = 0;
  const byNumber = [...Map.groupBy(rows, (row) => row.fromIndex).values()];
  await mapInLanes(byNumber, LANES, async (own) => {
    for (const row of own) {
      try {
        await handleReply(deps, row);
      } catch (error) {
        failures++;
        deps.logError("reply-not-handled", error);
        await noteFailure(deps.db, row.id);
      }
    }
  });
  return failures === 0;
}

/** Handles replies that have just come in; false where one could not be, which is tried again. */
export const attend = async (deps: InboxDeps, ids: readonly string[]): Promise<boolean> =>
  handleAll(deps, await unhandledOf(deps.db, ids));

/** Handles what a crash or a failure left; safe beside another that does the same. */
export async function attendDue(deps: InboxDeps): Promise<void> {
  await handleAll(deps, await dueReplies(deps.db, deps.clock.now(), MOST_AT_ONCE));
}
