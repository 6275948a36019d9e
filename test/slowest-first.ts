import { BaseSequencer, type TestSpecification } from "vitest/node";

/** They wait for kills, restarts and vendors that don't answer. */
const SLOW = [
  "journeys/survival",
  "journeys/campaign-survival",
  "journeys/bulk-survival",
  "journeys/bulk-faults",
  "start/start",
  "journeys/delivery",
  "journeys/audit",
];

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = SLOW.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
  return place === -1 ? SLOW.length : place;
};

/**
 * A fresh clone knows no durations yet, and files are sorted by size: what takes long begins first
 * here, so that at the end nobody waits for one file alone.
 */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const groups = Map.groupBy(sorted, ({ project }) => project.name);
    return [...groups.values()].flatMap((own) => own.sort((a, b) => placeOf(a) - placeOf(b)));
  }
}
