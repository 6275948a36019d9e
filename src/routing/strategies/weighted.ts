import { createHash } from "node:crypto";
import type { OrderCandidates } from "../route.ts";

/** Evenly spread over (0, 1), and always the same for a number and an account. */
function lot(numberKey: string, account: string): number {
  const digest = createHash("sha256").update(`${numberKey}\n${account}`).digest();
  return (digest.readUIntBE(0, 6) + 0.5) / 2 ** 48;
}

/**
 * Weighted rendezvous hashing: each number draws a lot with every account, and the highest wins.
 * A number so keeps its account, and one that goes away moves its own share alone.
 */
export const byWeight: OrderCandidates = (entries, facts) => {
  const total = entries.reduce((sum, entry) => sum + entry.weight, 0);
  return entries
    .map((entry) => {
      const drawn = lot(facts.numberKey, entry.account.id);
      return { entry, drawn, height: -entry.weight / Math.log(drawn) };
    })
    .sort((a, b) => b.height - a.height || b.drawn - a.drawn)
    .map(({ entry }) => ({ entry, reason: reasonOf(entry.weight, total) }));
};

const reasonOf = (weight: number, total: number) =>
  weight === 0
    ? { en: "Weight 0: a reserve for when the others fail.", zh: "权重为 0：仅作后备。" }
    : {
        en: `Weight ${weight} of ${total}; this number always draws the same place.`,
        zh: `权重 ${weight}/${total}；同一号码的次序固定不变。`,
      };
