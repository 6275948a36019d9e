import { afterAll, describe, expect, it } from "vitest";
import { setSendingStage } from "./sending-stage.ts";

const { client, filed, newNumber, sendTencent, simulator } = await setSendingStage();
afterAll(() => simulator.discard());

describe("SendSms of Tencent", () => {
  it("answers each number by itself", async () => {
    const number = newNumber();
    const { SendStatusSet } = await sendTencent(number, {
      PhoneNumberSet: [number, "+861380013"],
      SessionContext: "msg-9",
    });
    expect(SendStatusSet).toEqual([
      {
        SerialNo: expect.stringMatching(/^4000:\d{18}$/),
        PhoneNumber: number,
        Fee: 1,
        SessionContext: "msg-9",
        Code: "Ok",
        Message: "send success",
        IsoCode: "CN",
      },
      expect.objectContaining({
        SerialNo: "",
        Fee: 0,
        Code: "InvalidParameterValue.IncorrectPhoneNumber",
      }),
    ]);
    const [text] = await client.texts(number);
    expect(text).toMatchObject({
      provider: "tencent",
      account: "sim-id",
      text: "【鸿雁商城】您的验证码为246810，5分钟内有效。",
    });
  });

  it.each([
    [{ TemplateId: "1" }, "FailedOperation.TemplateIncorrectOrUnapproved"],
    [{ SignName: "别家" }, "FailedOperation.SignatureIncorrectOrUnapproved"],
    [{ SignName: undefined }, "FailedOperation.SignatureIncorrectOrUnapproved"],
    [{ TemplateParamSet: ["1"] }, "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"],
    [{ TemplateParamSet: ["1234567", "5"] }, "InvalidParameterValue.TemplateParameterFormatError"],
    [{ TemplateParamSet: ["12ab", "5"] }, "InvalidParameterValue.TemplateParameterFormatError"],
    [
      { PhoneNumberSet: ["+85261234567"] },
      "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone",
    ],
  ])("refuses %j by number with %s", async (change, code) => {
    const { SendStatusSet } = await sendTencent(newNumber(), change);
    expect(SendStatusSet).toEqual([expect.objectContaining({ Code: code, SerialNo: "", Fee: 0 })]);
  });

  it.each([
    [{ PhoneNumberSet: undefined }, "MissingParameter.EmptyPhoneNumberSet"],
    [{ PhoneNumberSet: [] }, "MissingParameter.EmptyPhoneNumberSet"],
    [{ TemplateId: 1110 }, "InvalidParameter"],
    [{ SmsSdkAppid: "1400006666" }, "UnknownParameter"],
    [{ SmsSdkAppId: "2400006666" }, "UnauthorizedOperation.SmsSdkAppIdVerifyFail"],
    [{ SessionContext: "字".repeat(171) }, "InvalidParameter"],
    [
      { PhoneNumberSet: ["+8613800138000", "+85261234567"] },
      "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber",
    ],
  ])("refuses %j as a whole with %s", async (change, code) => {
    expect((await sendTencent(newNumber(), change)).Error.Code).toBe(code);
  });

  it("sends abroad by an international template, with or without a sender", async () => {
    const abroad = { TemplateId: filed.tencent.international, TemplateParamSet: ["Ann"] };
    await sendTencent("+6591234567", { ...abroad, SignName: undefined });
    await sendTencent("+6591234567", abroad);
    const texts = await client.texts("+6591234567");
    expect(texts.map((text) => text.text)).toEqual(["【鸿雁商城】Hello Ann!", "Hello Ann!"]);
    const { SendStatusSet } = await sendTencent(newNumber(), abroad);
    expect(SendStatusSet[0].Code).toBe("UnsupportedOperation.GlobalTemplateToChineseMainlandPhone");
  });

  it("counts content to 500 characters, and links out", async () => {
    const notice = { TemplateId: filed.tencent.notice };
    const send = async (value: string) => {
      const change = { ...notice, TemplateParamSet: [value, ""] };
      return (await sendTencent(newNumber(), change)).SendStatusSet[0];
    };
    const room = 500 - "【鸿雁商城】，您的订单已发货。".length;
    expect(await send("字".repeat(room))).toMatchObject({ Code: "Ok", Fee: 8 });
    const over = await send("字".repeat(room + 1));
    expect(over.Code).toBe("InvalidParameterValue.ContentLengthLimit");
    const link = await send("shop.example/l");
    expect(link.Code).toBe("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter");
  });

  it("takes two hundred numbers and not one more", async () => {
    const numbers = Array.from({ length: 201 }, newNumber);
    const over = await sendTencent("", { PhoneNumberSet: numbers });
    expect(over.Error.Code).toBe("LimitExceeded.PhoneNumberCountLimit");
    const { SendStatusSet } = await sendTencent("", { PhoneNumberSet: numbers.slice(1) });
    expect(new Set(SendStatusSet.map((item: { SerialNo: string }) => item.SerialNo)).size).toBe(
      200,
    );
  });
});
