import { expect, it } from "vitest";
import { checkFinding, type Finding, partIn } from "../../src/campaigns/findings/finding.ts";

const finding: Finding = {
  id: "fnd_1",
  storefront: "sto_1",
  title: "Mornings sell",
  note: "",
  source: null,
  status: "open",
  experiment: null,
  rollout: null,
  createdBy: "key_1",
  createdAt: 0,
  updatedAt: 0,
};

it.each([
  [{ status: "testing" }, "experiment"],
  [{ status: "rolled_out" }, "experiment"],
  [{ status: "rolled_out", experiment: "cmp_1" }, "rollout"],
] as const)("%j lacks its %s", (change, missing) => {
  expect(checkFinding({ ...finding, ...change })).toEqual({ ok: false, error: missing });
});

it.each([
  {},
  { status: "testing", experiment: "cmp_1" },
  { status: "rolled_out", experiment: "cmp_1", rollout: "cmp_2" },
  { status: "dropped" },
] as const)("%j lacks nothing", (change) => {
  expect(checkFinding({ ...finding, ...change })).toMatchObject({ ok: true });
});

it("says as what a campaign stands in it", () => {
  const linked = { ...finding, experiment: "cmp_1", rollout: "cmp_2" };
  expect(["cmp_1", "cmp_2", "cmp_3"].map((id) => partIn(linked, id))).toEqual([
    "experiment",
    "rollout",
    "source",
  ]);
});
