import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./client.ts";
import {
  aliyunSend,
  newNumber,
  receipts,
  receiptsSoFar,
  type Stage,
  send,
  setFault,
  setStage,
  tencentSend,
} from "./stage.ts";
import { eventually } from "./support.ts";

let stage: Stage;
let countedBefore: Json;
let texts: Json[];
const number = newNumber();
const refusedNumber = newNumber();
const answered: string[] = [];

/** Kills the simulator amid forty submissions, with receipts owed and one refused by the customer. */
beforeAll(async () => {
  stage = await setStage();
  stage.receivers.tencent.answer.body = '{"result":1}';
  await send(tencentSend(stage, refusedNumber));
  await receipts(stage, "tencent", refusedNumber);
  await setFault(stage, "aliyun", {
    mode: "none",
    receipt: { status: "delivered", delay_ms: 1_000 },
  });
  await setFault(stage, "tencent", { mode: "throttle" });
  countedBefore = await stage.client.stats("aliyun");
  const sending = Array.from({ length: 40 }, async (_, index) => {
    const { Code } = await send(aliyunSend(stage, number, `msg-${index}`));
    if (Code === "OK") answered.push(`msg-${index}`);
  });
  const settled = Promise.allSettled(sending);
  await eventually(
    () => answered.length,
    (count) => count >= 10,
  );
  stage.receivers.tencent.answer.body = '{"result":0}';
  // Tencent tries again after 30 s: the new clock has them behind it.
  await stage.restart(31);
  await settled;
});

afterAll(() => stage.close());

describe("after a SIGKILL", () => {
  it("tells the receipts that fell due, untouched by any request", async () => {
    expect(await receipts(stage, "tencent", refusedNumber, 2)).toHaveLength(2);
    const told = await eventually(
      () => receiptsSoFar(stage, "aliyun", number).map((receipt) => receipt.out_id),
      (ids) => answered.every((id) => ids.includes(id)),
    );
    expect(new Set(told).size).toBe(told.length);
  });

  it("has every text it answered for, and counts just those it has", async () => {
    texts = await stage.client.texts(number);
    expect(texts.length).toBeGreaterThanOrEqual(answered.length);
    const { accepted } = await stage.client.stats("aliyun");
    expect(accepted - countedBefore.accepted).toBe(texts.length);
  });

  it("keeps what was set and filed", async () => {
    const { body } = await stage.client.aliyun("GetSmsTemplate", {
      TemplateCode: stage.filed.aliyun.code,
    });
    expect(body.TemplateStatus).toBe("1");
    const { Response: answer } = await send(tencentSend(stage, number));
    expect(answer.Error.Code).toBe("RequestLimitExceeded");
  });

  it("still knows a correlation that it accepted before", async () => {
    const { duplicates } = await stage.client.stats("aliyun");
    await send(aliyunSend(stage, number, answered[0]));
    expect((await stage.client.stats("aliyun")).duplicates).toBe(duplicates + 1);
  });
});
