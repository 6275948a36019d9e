import type { TraceStep } from "./message.ts";
import { IN_REVIEW } from "./queued.ts";

const RELEASED: TraceStep = {
  step: "content",
  verdict: "released",
  en: "A person looked at its words and let it go.",
  zh: "内容经人工审核后放行。",
};

/** Lets a message in review go at its own time, or at once if that is over: its id, then now. */
export const RELEASE = `
UPDATE messages SET due_at = max(planned_at, ?2), planned_at = NULL, reason = NULL,
  trace = json_insert(trace, '$[#]', json('${JSON.stringify(RELEASED)}'))
WHERE id = ?1 AND status_rank = 0 AND +queue IS NOT NULL AND reason = '${IN_REVIEW}'
  AND expires_at > ?2
RETURNING queue, due_at AS dueAt`;
