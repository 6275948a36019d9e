import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { type Cut, cutRecords, LONGEST_RECORD } from "../../src/audience/records.ts";

const COMMA = 0x2c;
const cut = (
  text: string | Uint8Array,
  { delimiter = COMMA as number | null, most = 1_000, isLast = true } = {},
) => cutRecords(typeof text === "string" ? Buffer.from(text) : text, { delimiter, most, isLast });
const texts = ({ records }: Cut) => records.map(({ bytes }) => Buffer.from(bytes).toString());
const faults = ({ records }: Cut) => records.map(({ fault }) => fault);

describe("records of a file", () => {
  it("end at line feeds, but for those in quotes", () => {
    const found = cut('a,"b\nc"\r\nd,"e""\n"\n"f"');
    expect(texts(found)).toEqual(['a,"b\nc"', 'd,"e""\n"', '"f"']);
    expect(faults(found)).toEqual([null, null, null]);
  });

  it("of JSON end at every line feed", () => {
    expect(texts(cut('{"a":"b"}\n{"c', { delimiter: null }))).toEqual(['{"a":"b"}', '{"c']);
  });

  it("are none where a line is blank", () => {
    expect(texts(cut("a\n\r\n\nb\n\n"))).toEqual(["a", "b"]);
  });

  it("may have a quote amid a field, which opens nothing", () => {
    expect(texts(cut('5" pipe,x\ny\n'))).toEqual(['5" pipe,x', "y"]);
  });

  it("that do not end cost their own line alone", () => {
    const found = cut('a\nb,"c\nd\ne\n');
    expect(texts(found)).toEqual(["a", 'b,"c', "d", "e"]);
    expect(faults(found)).toEqual([null, "unclosed-quote", null, null]);
  });

  it("that are too long cost their own line, however long it is", () => {
    const long = cut(`${"x".repeat(3 * LONGEST_RECORD)}\nb\n`);
    expect(faults(long)).toEqual(["too-long", null]);
    expect(texts(long).at(-1)).toBe("b");
    const open = cut("x".repeat(2 * LONGEST_RECORD), { isLast: false });
    expect([faults(open), open.isAmidLine]).toEqual([["too-long"], true]);
    expect(open.next).toBe(2 * LONGEST_RECORD);
  });

  it("wait for the rest where it is not there yet", () => {
    expect(cut('a\nb,"c"', { isLast: false })).toMatchObject({ next: 2, records: [{}] });
    expect(cut('a\n"b\n', { isLast: false }).next).toBe(2);
  });

  it("go on from a place as if they had been read in one go", () => {
    const file = Buffer.from('to,name\r\n1,"王, ""小\n明"""\n\n2,李雷\n3,"x"\n4,y');
    const whole = texts(cut(file));
    for (const most of [1, 2, 3]) {
      const found: string[] = [];
      for (let at = 0; at < file.length; ) {
        const step = cut(file.subarray(at), { most });
        found.push(...texts(step));
        at += step.next;
      }
      expect(found).toEqual(whole);
    }
  });
});
