import { describe, expect, it } from "vitest";
import { partsOf } from "../../src/templates/body.ts";

describe("bodies that were cut", () => {
  it("are kept while they are short, and make room when long ones come", () => {
    const short = "{{name}}, your parcel is on its way";
    const first = partsOf(short);
    expect(partsOf(short)).toBe(first);
    for (let i = 0; i < 5; i++) partsOf(`${i}`.repeat(250_000));
    expect(partsOf(short)).not.toBe(first);
    expect(partsOf(short)).toEqual(first);
  });
});
