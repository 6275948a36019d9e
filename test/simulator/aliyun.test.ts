import { afterAll, describe, expect, it } from "vitest";
import { domestic, setSendingStage } from "./sending-stage.ts";

const { client, filed, newNumber, sendAliyun, simulator } = await setSendingStage();
afterAll(() => simulator.discard());

describe("SendSms of Aliyun", () => {
  it("puts the text on the handset, newlines kept", async () => {
    const number = newNumber();
    const answer = await sendAliyun(number, { OutId: "msg-1" });
    expect(answer.body).toMatchObject({ Code: "OK", BizId: expect.stringMatching(/^\d{18}\^0$/) });
    const notice = { TemplateCode: filed.aliyun.notice };
    await sendAliyun(number, { ...notice, TemplateParam: '{"name":"张三\\n李四","order":"1"}' });
    const [second, first] = await client.texts(number);
    expect(first).toEqual({
      id: expect.stringMatching(/^txt_/),
      provider: "aliyun",
      account: "sim-id",
      from: "鸿雁商城",
      text: "【鸿雁商城】您的验证码为246810，5分钟内有效。",
      channel: "sms",
      received_at: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/),
    });
    expect(second.text).toBe("【鸿雁商城】张三\n李四，您的订单1已发货。");
  });

  it.each([
    [{ PhoneNumbers: "1380013" }, "isv.MOBILE_NUMBER_ILLEGAL"],
    [{ PhoneNumbers: "" }, "MissingPhoneNumbers"],
    [{ PhoneNumbers: "85261234567" }, "isv.MOBILE_NUMBER_ILLEGAL"],
    [{ SignName: "别家" }, "isv.SMS_SIGNATURE_ILLEGAL"],
    [{ TemplateCode: "SMS_1" }, "isv.SMS_TEMPLATE_ILLEGAL"],
    [{ TemplateParam: "{" }, "isv.INVALID_JSON_PARAM"],
    [{ TemplateParam: '{"code":123456}' }, "isv.INVALID_JSON_PARAM"],
    [{ TemplateParam: "{}" }, "isv.TEMPLATE_MISSING_PARAMETERS"],
    [{ TemplateParam: '{"code":"123"}' }, "isv.PARAM_LENGTH_LIMIT"],
    [{ TemplateParam: '{"code":"123456789"}' }, "isv.PARAM_LENGTH_LIMIT"],
    [{ TemplateParam: '{"code":"12 34"}' }, "isv.TEMPLATE_PARAMS_ILLEGAL"],
    [{ OutId: "x".repeat(256) }, "isv.INVALID_PARAMETERS"],
  ])("refuses %j with %s", async (change, code) => {
    const before = await client.stats("aliyun");
    const { body } = await sendAliyun(newNumber(), change);
    expect(body.Code).toBe(code);
    expect(body).not.toHaveProperty("BizId");
    expect((await client.stats("aliyun")).accepted).toBe(before.accepted);
  });

  it.each([
    [{ name: "", order: "1" }, "isv.PARAM_LENGTH_LIMIT"],
    [{ name: "字".repeat(36), order: "1" }, "isv.PARAM_LENGTH_LIMIT"],
    [{ name: "字".repeat(35), order: "1" }, "OK"],
    [{ name: "看 https://a.cn", order: "1" }, "isv.PARAM_NOT_SUPPORT_URL"],
  ])("holds a notice's variables %j to %s", async (values, code) => {
    const TemplateParam = JSON.stringify(values);
    const answer = await sendAliyun(newNumber(), {
      TemplateCode: filed.aliyun.notice,
      TemplateParam,
    });
    expect(answer.body.Code).toBe(code);
  });

  it("keeps domestic and international templates to their own numbers", async () => {
    const abroad = { TemplateCode: filed.aliyun.international, TemplateParam: '{"name":"Ann"}' };
    const home = await sendAliyun(newNumber(), { ...abroad, PhoneNumbers: "+8613800138000" });
    expect(home.body.Code).toBe("isv.DOMESTIC_NUMBER_NOT_SUPPORTED");
    const hongKong = await sendAliyun(newNumber(), { ...abroad, PhoneNumbers: "85261234567" });
    expect(hongKong.body.Code).toBe("OK");
    expect((await client.texts("+85261234567"))[0].text).toBe("【鸿雁商城】Hello Ann!");
  });

  it("takes a thousand numbers and not one more", async () => {
    const numbers = Array.from({ length: 1_001 }, newNumber).map(domestic);
    const over = await sendAliyun("", { PhoneNumbers: numbers.join(",") });
    expect(over.body.Code).toBe("isv.MOBILE_COUNT_OVER_LIMIT");
    const before = await client.stats("aliyun");
    const full = await sendAliyun("", { PhoneNumbers: numbers.slice(1).join(",") });
    expect(full.body.Code).toBe("OK");
    const after = await client.stats("aliyun");
    expect(after.recipients - before.recipients).toBe(1_000);
    expect(after.accepted - before.accepted).toBe(1);
    expect(await client.texts(`+86${numbers[1_000]}`)).toHaveLength(1);
  });
});

describe("SendBatchSms of Aliyun", () => {
  const send = (count: number, params: (index: number) => object, numbers: string[]) =>
    client.aliyun(
      "SendBatchSms",
      { TemplateCode: filed.aliyun.notice, OutId: `batch-${newNumber()}` },
      {},
      {
        PhoneNumberJson: JSON.stringify(numbers.map(domestic)),
        SignNameJson: JSON.stringify(numbers.map(() => "鸿雁商城")),
        TemplateParamJson: JSON.stringify(Array.from({ length: count }, (_, i) => params(i))),
      },
    );

  it("gives each of a hundred numbers its own text", async () => {
    const numbers = Array.from({ length: 100 }, newNumber);
    const { body } = await send(100, (i) => ({ name: `客户${i}`, order: `A${i}` }), numbers);
    expect(body.Code).toBe("OK");
    const [text] = await client.texts(numbers[99] ?? "");
    expect(text.text).toBe("【鸿雁商城】客户99，您的订单A99已发货。");
  });

  it("refuses 101 numbers, unequal lists and a bad element, as a whole", async () => {
    const numbers = Array.from({ length: 101 }, newNumber);
    const values = (i: number) => ({ name: "张三", order: `A${i}` });
    expect((await send(101, values, numbers)).body.Code).toBe("isv.MOBILE_COUNT_OVER_LIMIT");
    const three = numbers.slice(0, 3);
    expect((await send(2, values, three)).body.Code).toBe("isv.INVALID_PARAMETERS");
    const bad = await send(3, (i) => (i === 2 ? { name: "张三" } : values(i)), three);
    expect(bad.body.Code).toBe("isv.TEMPLATE_MISSING_PARAMETERS");
    expect(await client.texts(three[0] ?? "")).toEqual([]);
  });
});
