import { describe, expect, it } from "vitest";
import {
  evidenceSchema,
  readEvidence,
  writeEvidence,
} from "../../../src/compliance/permissions/evidence.ts";

describe("evidence of a consent", () => {
  it.each([
    "form 7",
    '{"state":"subscribed"}',
    { channel: "checkout", frequency: "2 a week", period: "a year", ip: "203.0.113.7" },
    { ip: "2001:db8::1", file_hash: "9f86d081", shelf: 12, paper: true },
  ])("is kept as it was given: %j", (evidence) => {
    expect(evidenceSchema.parse(evidence)).toEqual(evidence);
    expect(readEvidence(writeEvidence(evidence))).toEqual(evidence);
  });

  it.each([
    "",
    {},
    { ip: "300.1.1.1" },
    { frequency: "" },
    { deep: { er: 1 } },
    { a: "x".repeat(501) },
  ])("may not be %j", (evidence) => {
    expect(evidenceSchema.safeParse(evidence).success).toBe(false);
  });
});
