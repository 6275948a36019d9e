import { expect, it } from "vitest";
import type { BatchCall, Outcome } from "../../src/providers/provider.ts";
import { beginnings, bentBodies } from "./mutations.ts";
import type { BatchSamples, ProviderSamples } from "./samples.ts";
import { answer, aSubmission, ENDPOINT, STAMP, someSubmissions } from "./support.ts";

const KINDS = ["accepted", "rejected", "throttled", "unknown"];

/** What holds for every vendor that takes many texts in one call. */
export function keepsTheBatchContract(
  batch: BatchCall<unknown>,
  samples: BatchSamples,
  credentials: ProviderSamples["credentials"],
): void {
  const three = someSubmissions(3);
  const [first, second, third] = three as [(typeof three)[0], (typeof three)[0], (typeof three)[0]];
  const accepted = samples.answers(three, []);
  const kinds = (outcomes: readonly Outcome[]) => outcomes.map(({ kind }) => kind);
  const read = (body: string, status = accepted.status) =>
    kinds(batch.readSend(answer(body, { status }), three));
  const allUnknown = ["unknown", "unknown", "unknown"];

  it("lets texts of the same content share a call, but never at home and abroad", () => {
    expect(new Set(three.map(batch.together)).size).toBe(1);
    const abroad = aSubmission({ to: "+85291234567", region: "international" });
    expect(batch.together(abroad)).not.toBe(batch.together(aSubmission()));
  });

  it("names every number of a batch, the largest one included", () => {
    expect(batch.most).toBeGreaterThan(1);
    const submissions = someSubmissions(batch.most);
    const request = batch.send(credentials, ENDPOINT, submissions, STAMP);
    const sent = decodeURIComponent(request.url) + decodeURIComponent(request.body);
    for (const { to } of submissions) expect(sent).toContain(to.slice("+86".length));
  });

  it("gives every text of a batch its outcome", () => {
    expect(kinds(batch.readSend(accepted, three))).toEqual(["accepted", "accepted", "accepted"]);
    const refused = batch.readSend(samples.answers([], three), three);
    expect(kinds(refused)).toEqual(["rejected", "rejected", "rejected"]);
  });

  if (batch.settles === "each") {
    it("gives every text its own, whatever the answer's order", () => {
      const straight = batch.readSend(accepted, three);
      const reversed = samples.answers([third, second, first], []);
      expect(batch.readSend(reversed, three)).toEqual(straight);
      const mixed = batch.readSend(samples.answers([third, first], [second]), three);
      expect(mixed).toEqual([
        straight[0],
        expect.objectContaining({ kind: "rejected" }),
        straight[2],
      ]);
    });

    it("finds a text unknown that the answer leaves out", () => {
      const outcomes = batch.readSend(samples.answers([first, third], []), three);
      expect(kinds(outcomes)).toEqual(["accepted", "unknown", "accepted"]);
    });
  }

  it("finds the whole batch unknown when its answer breaks off, is none, or is a 5xx", () => {
    for (const body of beginnings(accepted.body)) expect(read(body)).toEqual(allUnknown);
    for (const body of ["", "<html>", "OK", ...samples.unreadable]) {
      expect(read(body)).toEqual(allUnknown);
    }
    for (const status of [400, 500, 502, 503]) {
      expect(read(accepted.body, status)).toEqual(allUnknown);
    }
    expect(read(samples.answers([], three).body, 503)).toEqual(allUnknown);
  });

  it("has an outcome for every text however its answer is bent", () => {
    for (const whole of [accepted, samples.answers([], three)]) {
      for (const body of bentBodies(whole.body)) {
        const outcomes = batch.readSend(answer(body, { status: whole.status }), three);
        expect(outcomes).toHaveLength(3);
        for (const { kind } of outcomes) expect(KINDS).toContain(kind);
      }
    }
  });
}
