import { expect, it } from "vitest";
import { VisitsUnderway } from "../../src/links/visits-underway.ts";

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

it("waits for the visits of a number under any of its indexes, and for no other's", async () => {
  const underway = new VisitsUnderway();
  let isWritten = false;
  const written = after(30).then(() => {
    isWritten = true;
  });
  underway.add("ann", written);
  underway.add("bob", new Promise(() => {}));
  underway.add(null, new Promise(() => {}));
  await underway.settled(["cid"]);
  expect(isWritten).toBe(false);
  await underway.settled(["older", "ann"]);
  expect(isWritten).toBe(true);
});

it("waits for the last of several visits, and not for ever", async () => {
  const underway = new VisitsUnderway();
  let isWritten = false;
  underway.add("ann", after(10));
  underway.add(
    "ann",
    after(60).then(() => {
      isWritten = true;
    }),
  );
  await after(20);
  await underway.settled(["ann"]);
  expect(isWritten).toBe(true);
  underway.add("ann", new Promise(() => {}));
  await underway.settled(["ann"]);
});
