import { expect, it } from "vitest";
import { doInTurn } from "../../src/lib/in-turn.ts";

it("a piece of work that fails is told of, and the others are done in their order", async () => {
  const done: string[] = [];
  await doInTurn(
    {
      first: async () => done.push("first"),
      broken: () => Promise.reject(new Error("no answer")),
      atOnce: () => {
        throw new Error("never began");
      },
      last: async () => done.push("last"),
    },
    (piece, error) => done.push(`${piece}: ${(error as Error).message}`),
  );
  expect(done).toEqual(["first", "broken: no answer", "atOnce: never began", "last"]);
});
