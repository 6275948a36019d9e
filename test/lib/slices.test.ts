import { expect, it } from "vitest";
import { mapInSlices } from "../../src/lib/slices.ts";

it("maps in order, with a pause between stretches and none around them", async () => {
  const done: (number | "pause")[] = [];
  const pause = async () => void done.push("pause");
  const work = (item: number, index: number) => {
    done.push(item);
    return item * 10 + index;
  };
  expect(await mapInSlices([5, 6, 7, 8], 2, work, pause)).toEqual([50, 61, 72, 83]);
  expect(done).toEqual([5, 6, "pause", 7, 8]);
});
