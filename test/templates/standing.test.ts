import { describe, expect, it } from "vitest";
import { type Standing, settle } from "../../src/templates/standing.ts";
import type { Binding, TemplateStatus } from "../../src/templates/template.ts";

const reviewed = (status: TemplateStatus): Binding => ({
  account: "acc_1",
  region: "domestic",
  providerTemplateId: "SMS_1",
  status,
  detail: null,
  parameters: [],
});
/** At a vendor that takes any text. */
const free: Binding = { ...reviewed("approved"), providerTemplateId: "" };
const at = (status: TemplateStatus, more: Partial<Standing> = {}): Standing => ({
  version: 2,
  status,
  liveVersion: 1,
  submittedBy: null,
  ...more,
});

describe("where a template stands after a review", () => {
  it.each([
    ["submitted", ["submitted"], "submitted", 1],
    ["submitted", ["approved", "submitted"], "approved", 2],
    ["submitted", ["rejected", "submitted"], "submitted", 1],
    ["submitted", ["rejected", "rejected"], "rejected", 1],
    ["submitted", ["rejected", "approved"], "approved", 2],
    ["approved", ["submitted"], "approved", 1],
    ["approved", ["approved"], "approved", 2],
    ["approved", ["rejected"], "rejected", 1],
    ["draft", ["approved"], "draft", 1],
    ["rejected", ["approved"], "rejected", 1],
  ] as const)("%s with %j is %s and sends version %i", (status, bindings, then, live) => {
    expect(settle(at(status), bindings.map(reviewed))).toEqual(at(then, { liveVersion: live }));
  });

  it("waits for our approval where it was not given with the submission", () => {
    const waiting = at("submitted", { submittedBy: "key_1" });
    expect(settle(waiting, [reviewed("approved")])).toEqual(waiting);
    expect(settle(waiting, [reviewed("rejected")]).status).toBe("rejected");
  });

  it("does not count on a provider that reviews nothing, unless there is no other", () => {
    expect(settle(at("submitted"), [free, reviewed("submitted")]).status).toBe("submitted");
    expect(settle(at("submitted"), [free, reviewed("rejected")]).status).toBe("rejected");
    expect(settle(at("submitted"), [free])).toEqual(at("approved", { liveVersion: 2 }));
  });

  it("is never sent with while nobody carries it", () => {
    expect(settle(at("approved", { liveVersion: null }), [])).toEqual(
      at("approved", { liveVersion: null }),
    );
  });
});
