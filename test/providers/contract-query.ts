import { expect, it } from "vitest";
import type { Provider } from "../../src/providers/provider.ts";
import { beginnings, bentBodies } from "./mutations.ts";
import type { QuerySamples } from "./samples.ts";
import { answer, aSentText } from "./support.ts";

/**
 * What holds for every vendor that can be asked for a text. `absent` makes a text go out again, so
 * nothing but a complete list may say it: not even one on which only our own row is bent.
 */
export function keepsTheQueryContract(
  query: NonNullable<Provider["query"]>,
  samples: QuerySamples,
): void {
  const sent = aSentText();
  const found = samples.found(sent);
  const kindOf = (body: string, status = found.status) =>
    query.readAnswer(answer(body, { status }), sent).kind;

  it("finds the text it asked for", () => {
    expect(query.readAnswer(found, sent)).toMatchObject({ kind: "found", status: "delivered" });
  });

  if (samples.absent) {
    it("proves by a complete list that a text was never taken", () => {
      expect(query.readAnswer(samples.absent ?? found, sent)).toEqual({ kind: "absent" });
    });
  }

  it("takes another text to the same number for no proof that this one was taken", () => {
    const other = samples.found({ ...sent, messageId: "msg-0002", text: "【测试签名】另一条。" });
    const expected = samples.absent ? "absent" : "unclear";
    expect(query.readAnswer(other, sent).kind).toBe(expected);
  });

  it("leaves it open when an answer is a 5xx, a 4xx, or breaks off", () => {
    for (const whole of [found, samples.absent ?? found]) {
      for (const status of [400, 404, 429, 500, 503]) {
        expect(kindOf(whole.body, status)).toBe("unclear");
      }
      for (const body of beginnings(whole.body)) expect(kindOf(body)).toBe("unclear");
    }
    for (const body of ["<html>", "OK", "0"]) expect(kindOf(body)).toBe("unclear");
  });

  it.each(samples.unclear(sent).map((body) => [body]))("leaves it open after %s", (body) => {
    expect(kindOf(body)).toBe("unclear");
  });

  it("never takes a bent answer for proof that a text was not taken", () => {
    for (const body of bentBodies(found.body)) {
      if (body !== samples.absent?.body) expect(["found", "unclear"]).toContain(kindOf(body));
    }
    for (const body of bentBodies(samples.absent?.body ?? found.body)) {
      expect(() => kindOf(body)).not.toThrow();
    }
  });
}
