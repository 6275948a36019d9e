import { describe, expect, it } from "vitest";
import { type BilledText, judgeLines } from "../../src/ledger/bills/bill.ts";
import { type BillFault, readBill } from "../../src/ledger/bills/read-bill.ts";
import type { LedgerText } from "../../src/messages/billed.ts";

const aLine = (change: Partial<BilledText> = {}): BilledText => ({
  row: 1,
  name: "biz-1",
  segments: 2,
  amount: 90_000n,
  ...change,
});
const aText = (change: Partial<LedgerText> = {}): LedgerText => ({
  message: "msg_1",
  providerMessageId: "biz-1",
  segments: 2,
  amount: 90_000n,
  currency: "CNY",
  ...change,
});
const judged = (
  lines: readonly BilledText[],
  texts: readonly LedgerText[],
  taken: readonly string[] = [],
) =>
  judgeLines(lines, texts, { currency: "CNY", taken: new Set(taken) }).map((one) => [
    one.row,
    one.verdict,
    one.ours?.message ?? null,
  ]);

describe("a line of a bill", () => {
  it.each([
    ["agrees", {}, {}, "matched", "msg_1"],
    ["names our own id", { name: "msg_1" }, {}, "matched", "msg_1"],
    ["says no amount", { amount: null }, {}, "matched", "msg_1"],
    ["says no segments", { segments: null }, {}, "matched", "msg_1"],
    ["counts other segments", { segments: 3 }, {}, "different", "msg_1"],
    ["asks for more", { amount: 90_001n }, {}, "different", "msg_1"],
    ["is in another currency", {}, { currency: "USD" }, "different", "msg_1"],
    ["asks for what was given back", {}, { amount: 0n, segments: 0 }, "different", "msg_1"],
    ["names nothing of ours", { name: "biz-2" }, {}, "missing_here", null],
  ] as const)("that %s is told so", (_, line, text, verdict, message) => {
    expect(judged([aLine(line)], [aText(text)])).toEqual([[1, verdict, message]]);
  });

  it("stands for one text: billed twice, the second has none", () => {
    const lines = [aLine(), aLine({ row: 2 })];
    expect(judged(lines, [aText()])).toEqual([
      [1, "matched", "msg_1"],
      [2, "missing_here", null],
    ]);
    expect(judged([aLine({ row: 2 })], [aText()], ["msg_1"])).toEqual([[2, "missing_here", null]]);
  });

  it("of a call of many texts is paired with the one it agrees with", () => {
    const texts = [aText(), aText({ message: "msg_2", segments: 1, amount: 45_000n })];
    const lines = [aLine({ segments: 1, amount: 45_000n }), aLine({ row: 2, segments: 3 })];
    expect(judged(lines, texts)).toEqual([
      [1, "matched", "msg_2"],
      [2, "different", "msg_1"],
    ]);
  });
});

const streamOf = (text: string, size = 7): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length; at += size) {
        controller.enqueue(bytes.subarray(at, at + size));
      }
      controller.close();
    },
  });

describe("a bill's file", () => {
  it("is read as it comes, its other columns left out", async () => {
    const kept: BilledText[] = [];
    const file = '\ufeffPhone, Message_ID ,Amount,segments\r\n"1,2",biz-1,0.09,2\n\nx,"biz-2",,\n';
    const read = await readBill(streamOf(file), async (lines) => void kept.push(...lines));
    expect(kept).toEqual([
      { row: 1, name: "biz-1", segments: 2, amount: 90_000n },
      { row: 2, name: "biz-2", segments: null, amount: null },
    ]);
    const again = await readBill(streamOf(file, 100), async () => {});
    expect(read).toEqual(again);
    expect(read).toMatchObject({ ok: true, value: { rows: 2 } });
  });

  it.each([
    ["", { kind: "empty" }],
    ["message_id\n", { kind: "empty" }],
    ["id,amount\n1,2\n", { kind: "no-name" }],
    ['message_id\n"a\n', { kind: "unreadable" }],
    ["message_id,amount\na,1\nb,1e3\n", { kind: "bad-row", row: 2, column: "amount" }],
    ["message_id,segments\na,-1\n", { kind: "bad-row", row: 1, column: "segments" }],
    ["message_id,segments\n,1\n", { kind: "bad-row", row: 1, column: "message_id" }],
  ] as const satisfies [string, BillFault][])("of %j is refused", async (file, fault) => {
    expect(await readBill(streamOf(file), async () => {})).toEqual({ ok: false, error: fault });
  });
});
