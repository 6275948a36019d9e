import type { OrderCandidates } from "../route.ts";

/** As listed. */
export const byPriority: OrderCandidates = (entries) =>
  entries.map((entry, index) => ({
    entry,
    reason: { en: `Listed at place ${index + 1}.`, zh: `列表中第 ${index + 1} 位。` },
  }));
