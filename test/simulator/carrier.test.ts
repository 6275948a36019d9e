import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
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
import { eventually, pause } from "./support.ts";

const CHINA_TIME = expect.stringMatching(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/);

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});

afterEach(async () => {
  await stage.client.control("DELETE", "/faults");
  for (const receiver of Object.values(stage.receivers)) receiver.bodies.length = 0;
});

afterAll(() => stage.close());

describe("receipts", () => {
  it("come in Aliyun's format, a third of a second after the acceptance", async () => {
    const number = newNumber();
    const sentAt = Date.now();
    const { BizId } = await send(aliyunSend(stage, number, "msg-1"));
    const [receipt] = await receipts(stage, "aliyun", number);
    expect(Date.now() - sentAt).toBeGreaterThanOrEqual(300);
    expect(stage.receivers.aliyun.bodies).toEqual([[receipt]]);
    expect(receipt).toEqual({
      phone_number: number.slice(3),
      send_time: CHINA_TIME,
      report_time: CHINA_TIME,
      success: true,
      err_code: "DELIVERED",
      err_msg: "用户接收成功",
      sms_size: "1",
      biz_id: BizId,
      out_id: "msg-1",
    });
  });

  it("come in Tencent's format", async () => {
    const number = newNumber();
    const { Response: answer } = await send(tencentSend(stage, number, "msg-2"));
    const [receipt] = await receipts(stage, "tencent", number);
    expect(receipt).toEqual({
      user_receive_time: CHINA_TIME,
      nationcode: "86",
      mobile: number.slice(3),
      report_status: "SUCCESS",
      errmsg: "DELIVRD",
      description: "用户短信送达成功",
      sid: answer.SendStatusSet[0].SerialNo,
      ext: "msg-2",
    });
  });

  it("travel a hundred to a push", async () => {
    const numbers = Array.from({ length: 250 }, newNumber);
    await stage.client.aliyun("SendSms", {
      PhoneNumbers: numbers.map((number) => number.slice(3)).join(","),
      SignName: "鸿雁商城",
      TemplateCode: stage.filed.aliyun.code,
      TemplateParam: '{"code":"246810"}',
    });
    await Promise.all(numbers.map((number) => receipts(stage, "aliyun", number)));
    expect(stage.receivers.aliyun.bodies.map((body) => body.length).sort()).toEqual([100, 100, 50]);
  });

  it("say undelivered, twice, late or never, as the fault asks", async () => {
    await setFault(stage, "aliyun", {
      mode: "none",
      error_code: "MOBILE_IN_BLACK",
      receipt: { status: "undelivered", delay_ms: 0, duplicate: true },
    });
    const refused = newNumber();
    await send(aliyunSend(stage, refused));
    const pair = await receipts(stage, "aliyun", refused, 2);
    expect(pair[0]).toMatchObject({ success: false, err_code: "MOBILE_IN_BLACK" });
    expect(pair[1]).toEqual(pair[0]);

    await setFault(stage, "tencent", {
      mode: "none",
      receipt: { status: "delivered", never: true },
    });
    const number = newNumber();
    await send(tencentSend(stage, number));
    await pause(500);
    expect(receiptsSoFar(stage, "tencent", number)).toEqual([]);
    const query = { PhoneNumber: number, SmsSdkAppId: "1400006666", BeginTime: seconds() - 60 };
    const { SendRecordSet } = await stage.client.tencent("DescribeSendRecordList", query);
    expect(SendRecordSet).toEqual([expect.objectContaining({ SendStatus: 3, StatusCode: "" })]);
  });

  it("can overtake the answer", async () => {
    await setFault(stage, "aliyun", {
      mode: "none",
      receipt: { status: "delivered", delay_ms: 0, before_response: true },
    });
    const number = newNumber();
    const { BizId } = await send(aliyunSend(stage, number));
    expect(receiptsSoFar(stage, "aliyun", number)).toEqual([
      expect.objectContaining({ biz_id: BizId }),
    ]);
  });

  it("tell that a handset is off, where nothing arrived", async () => {
    const number = newNumber();
    await stage.client.control("PUT", `/handsets/${number}`, { off: true });
    expect((await send(aliyunSend(stage, number))).Code).toBe("OK");
    await send(tencentSend(stage, number));
    expect((await receipts(stage, "aliyun", number))[0]).toMatchObject({
      success: false,
      err_code: "MOBILE_NOT_ON_SERVICE",
    });
    const [tencent] = await receipts(stage, "tencent", number);
    expect(tencent).toMatchObject({ report_status: "FAIL", errmsg: "MK:0010" });
    expect(await stage.client.texts(number)).toEqual([]);
  });
});

const seconds = (): number => Math.floor(Date.now() / 1000);

describe("queries", () => {
  it("tell what became of a text, by number and day", async () => {
    const number = newNumber();
    const { BizId } = await send(aliyunSend(stage, number, "msg-q"));
    const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll("-", "");
    const ask = async (change: object = {}) => {
      const params = {
        PhoneNumber: number.slice(3),
        SendDate: day,
        PageSize: "10",
        CurrentPage: "1",
      };
      const { body } = await stage.client.aliyun("QuerySendDetails", { ...params, ...change });
      return body;
    };
    expect((await ask()).SmsSendDetailDTOs.SmsSendDetailDTO[0].SendStatus).toBe(1);
    const done = await eventually(ask, (answer) =>
      answer.SmsSendDetailDTOs.SmsSendDetailDTO.some((item: Json) => item.SendStatus === 3),
    );
    expect(done).toMatchObject({ Code: "OK", TotalCount: "1" });
    expect(done.SmsSendDetailDTOs.SmsSendDetailDTO[0]).toEqual({
      PhoneNum: number.slice(3),
      SendStatus: 3,
      ErrCode: "DELIVERED",
      TemplateCode: stage.filed.aliyun.code,
      Content: "【鸿雁商城】您的验证码为246810，5分钟内有效。",
      SendDate: CHINA_TIME,
      ReceiveDate: CHINA_TIME,
      OutId: "msg-q",
    });
    expect((await ask({ BizId })).TotalCount).toBe("1");
    expect((await ask({ BizId: "1^0" })).TotalCount).toBe("0");
    expect((await ask({ SendDate: "20200101" })).Code).toBe("isv.INVALID_PARAMETERS");
  });

  it("tell Tencent's side of it, with the code masked", async () => {
    const number = newNumber();
    await send(tencentSend(stage, number, "msg-q"));
    await receipts(stage, "tencent", number);
    const query = { PhoneNumber: number, SmsSdkAppId: "1400006666", BeginTime: seconds() - 60 };
    const records = await stage.client.tencent("DescribeSendRecordList", query);
    expect(records).toMatchObject({ TotalCount: 1 });
    expect(records.SendRecordSet[0]).toMatchObject({
      PhoneNumber: number,
      SendStatus: 2,
      StatusCode: "DELIVRD",
      Content: "【鸿雁商城】您的验证码为2****0，5分钟内有效。",
      SendTime: expect.any(Number),
    });
    const pull = await stage.client.tencent("PullSmsSendStatusByPhoneNumber", {
      ...query,
      Limit: 10,
      Offset: 0,
    });
    expect(pull.PullSmsSendStatusSet).toEqual([
      expect.objectContaining({ ReportStatus: "SUCCESS", SessionContext: "msg-q" }),
    ]);
    const old = { ...query, BeginTime: seconds() - 73 * 3_600 };
    const { Error: error } = await stage.client.tencent("DescribeSendRecordList", old);
    expect(error.Code).toBe("InvalidParameterValue.BeginTimeVerifyFail");
  });
});

describe("replies", () => {
  const reply = (number: string, text: string) =>
    stage.client.control("POST", `/handsets/${number}/reply`, { text });

  it("go to the provider of the newest text, in its format", async () => {
    const number = newNumber();
    await setFault(stage, "aliyun", {
      mode: "none",
      receipt: { status: "delivered", never: true },
    });
    await setFault(stage, "tencent", {
      mode: "none",
      receipt: { status: "delivered", never: true },
    });
    await send(aliyunSend(stage, number));
    expect((await reply(number, "TD")).status).toBe(204);
    expect(stage.receivers.aliyun.bodies).toEqual([
      [
        {
          phone_number: number.slice(3),
          content: "TD",
          send_time: CHINA_TIME,
          dest_code: "10690000",
          sequence_id: expect.any(String),
        },
      ],
    ]);
    await send(tencentSend(stage, number));
    await reply(number, "退订");
    expect(stage.receivers.tencent.bodies).toEqual([
      {
        extend: "",
        mobile: number.slice(3),
        nationcode: "86",
        sign: "鸿雁商城",
        text: "退订",
        time: expect.any(Number),
      },
    ]);
  });

  it("need a text to answer", async () => {
    expect((await reply(newNumber(), "TD")).status).toBe(404);
    expect((await reply(newNumber(), "")).status).toBe(422);
  });
});
