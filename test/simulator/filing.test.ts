import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client, type Json, slot } from "./client.ts";
import { eventually, type Simulator, startSimulator, temporaryDirectory } from "./support.ts";

let simulator: Simulator;
let client: Client;

beforeAll(async () => {
  simulator = await startSimulator(temporaryDirectory());
  client = new Client(simulator.url);
});

afterAll(() => simulator.discard());

const review = (provider: string, outcome: string, delay_ms: number) =>
  client.control("PUT", `/reviews/${provider}`, { outcome, delay_ms });

const aliyun = async (action: string, params: Record<string, string>): Promise<Json> =>
  (await client.aliyun(action, params)).body;

describe("filing with Aliyun", () => {
  const template = {
    TemplateName: "登录",
    TemplateContent: `您的验证码为${slot("code")}。`,
    TemplateType: "0",
    RelatedSignName: "鸿雁",
    TemplateRule: '{"code":"numberCaptcha"}',
  };

  it("reviews a sender for half a second and then approves it", async () => {
    const filed = await aliyun("CreateSmsSign", { SignName: "鸿雁", SignSource: "0" });
    expect(filed).toMatchObject({ Code: "OK", SignName: "鸿雁", OrderId: expect.any(String) });
    expect((await aliyun("GetSmsSign", { SignName: "鸿雁" })).SignStatus).toBe(0);
    expect((await aliyun("DeleteSmsSign", { SignName: "鸿雁" })).Code).toBe(
      "isv.ERROR_SIGN_NOT_DELETE",
    );
    const got = await eventually(
      () => aliyun("GetSmsSign", { SignName: "鸿雁" }),
      (answer) => answer.SignStatus === 1,
    );
    expect(got.SignIspRegisterDetailList[0]).toEqual({ OperatorCode: "mobile", RegisterStatus: 3 });
    const { SmsSignList } = await aliyun("QuerySmsSignList", { PageIndex: "1", PageSize: "50" });
    expect(SmsSignList).toEqual([
      expect.objectContaining({ SignName: "鸿雁", AuditStatus: "AUDIT_STATE_PASS" }),
    ]);
    const again = await aliyun("CreateSmsSign", { SignName: "鸿雁", SignSource: "0" });
    expect(again.Code).toBe("isv.SIGN_NAME_ILLEGAL");
  });

  it.each(["鸿", "【鸿雁】", "鸿雁 商城", "鸿雁商城鸿雁商城鸿雁商城鸿"])(
    "refuses the sender %s",
    async (SignName) => {
      const { Code } = await aliyun("CreateSmsSign", { SignName, SignSource: "0" });
      expect(Code).toBe("isv.SIGN_NAME_ILLEGAL");
    },
  );

  it("files a template, on two scales of types, and forgets it when told", async () => {
    await review("aliyun", "approved", 0);
    const { TemplateCode } = await aliyun("CreateSmsTemplate", template);
    expect(TemplateCode).toMatch(/^SMS_\d{9}$/);
    expect(await aliyun("GetSmsTemplate", { TemplateCode })).toMatchObject({
      TemplateStatus: "1",
      TemplateType: "0",
      TemplateContent: template.TemplateContent,
      RelatedSignName: "鸿雁",
    });
    const { SmsTemplateList } = await aliyun("QuerySmsTemplateList", {});
    expect(SmsTemplateList[0]).toMatchObject({
      TemplateCode,
      TemplateType: 2,
      OuterTemplateType: 0,
      AuditStatus: "AUDIT_STATE_PASS",
    });
    expect((await aliyun("DeleteSmsTemplate", { TemplateCode })).Code).toBe("OK");
    expect((await aliyun("GetSmsTemplate", { TemplateCode })).Code).toBe(
      "isv.SMS_TEMPLATE_ILLEGAL",
    );
    expect((await aliyun("CreateSmsTemplate", template)).TemplateCode).not.toBe(TemplateCode);
  });

  it.each([
    [{ TemplateContent: `您的密码为${slot("code")}。` }, "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE"],
    [{ TemplateContent: "验证码已发送。" }, "template_parameter_count_illegal"],
    [{ TemplateType: "2", TemplateContent: "大促开始" }, "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE"],
    [{ TemplateType: "2", TemplateContent: "大促开始，拒收请回复R" }, "OK"],
    [{ RelatedSignName: "别家" }, "isv.SMS_SIGNATURE_ILLEGAL"],
    [{ TemplateRule: "" }, "isv.INVALID_PARAMETERS"],
    [{ TemplateName: "" }, "MissingTemplateName"],
    [{ TemplateName: "字".repeat(31) }, "isv.TEMPLATE_OVER_LIMIT"],
    [{ TemplateType: "3", RelatedSignName: "", TemplateContent: `Code ${slot("code")}` }, "OK"],
  ])("answers a template with %j by %s", async (change, code) => {
    expect((await aliyun("CreateSmsTemplate", { ...template, ...change })).Code).toBe(code);
  });

  it("rejects, with a reason, and lets nothing be sent", async () => {
    await review("aliyun", "rejected", 0);
    const { TemplateCode } = await aliyun("CreateSmsTemplate", template);
    const got = await aliyun("GetSmsTemplate", { TemplateCode });
    expect(got.TemplateStatus).toBe("2");
    expect(got.AuditInfo.RejectInfo).toBeTruthy();
    const { Code } = await aliyun("SendSms", {
      PhoneNumbers: "13800138000",
      SignName: "鸿雁",
      TemplateCode,
      TemplateParam: '{"code":"123456"}',
    });
    expect(Code).toBe("isv.SMS_TEMPLATE_ILLEGAL");
  });

  it("knows no other operation and no other version", async () => {
    const { status, body } = await client.aliyun("SendCardSms", {});
    expect([status, body.Code]).toEqual([404, "InvalidAction.NotFound"]);
  });
});

describe("filing with Tencent", () => {
  const sender = {
    SignName: "鸿雁",
    SignType: 0,
    DocumentType: 0,
    International: 0,
    SignPurpose: 0,
  };
  const template = {
    TemplateName: "登录",
    TemplateContent: "您的验证码为{1}。",
    SmsType: 3,
    International: 0,
    Remark: "登录",
  };
  const statusOf = async (id: string): Promise<Json> => {
    const { DescribeTemplateStatusSet } = await client.tencent("DescribeSmsTemplateList", {
      International: 0,
      TemplateIdSet: [id],
    });
    return DescribeTemplateStatusSet[0];
  };

  it("reviews a sender at home and abroad each by itself", async () => {
    const { AddSignStatus } = await client.tencent("AddSmsSign", sender);
    const repeated = await client.tencent("AddSmsSign", sender);
    expect(repeated.Error.Code).toBe("InvalidParameterValue.SignExistAndUnapproved");
    const list = async (International: number) => {
      const answer = await client.tencent("DescribeSmsSignList", { International });
      return answer.DescribeSignListStatusSet;
    };
    expect(await list(0)).toEqual([
      expect.objectContaining({ SignId: AddSignStatus.SignId, SignName: "鸿雁", StatusCode: 1 }),
    ]);
    expect(await list(1)).toEqual([]);
    await eventually(
      () => list(0),
      ([filed]) => filed.StatusCode === 0,
    );
    const taken = await client.tencent("AddSmsSign", sender);
    expect(taken.Error.Code).toBe("InvalidParameterValue.SignAlreadyPassedCheck");
  });

  it("lets a rejected template be mended, and no approved one", async () => {
    await review("tencent", "rejected", 0);
    const { AddTemplateStatus } = await client.tencent("AddSmsTemplate", template);
    const id = AddTemplateStatus.TemplateId;
    expect(id).toMatch(/^\d+$/);
    expect(await statusOf(id)).toMatchObject({ StatusCode: -1, ReviewReply: expect.any(String) });
    await review("tencent", "approved", 0);
    const mended = { ...template, TemplateId: Number(id), TemplateContent: "验证码{1}" };
    const { ModifyTemplateStatus } = await client.tencent("ModifySmsTemplate", mended);
    expect(ModifyTemplateStatus.TemplateId).toBe(Number(id));
    expect(await statusOf(id)).toMatchObject({ StatusCode: 0, TemplateContent: "验证码{1}" });
    const late = await client.tencent("ModifySmsTemplate", mended);
    expect(late.Error.Code).toBe("FailedOperation.TemplateAlreadyPassedCheck");
    await client.tencent("DeleteSmsTemplate", { TemplateId: Number(id) });
    expect(await statusOf(id)).toBeUndefined();
  });

  it.each([
    [{ TemplateContent: "您好{name}" }, "InvalidParameterValue.InvalidTemplateFormat"],
    [{ SmsType: 0 }, "InvalidParameterValue.InvalidUsedMethod"],
    [{ International: 3 }, "InvalidParameterValue.InvalidInternational"],
    [{ Remark: undefined }, "MissingParameter"],
  ])("refuses a template with %j by %s", async (change, code) => {
    const answer = await client.tencent("AddSmsTemplate", { ...template, ...change });
    expect(answer.Error.Code).toBe(code);
  });

  it("knows no other operation", async () => {
    expect((await client.tencent("SendMms", {})).Error.Code).toBe("InvalidAction");
  });
});
