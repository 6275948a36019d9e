import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aliyun } from "../../src/providers/aliyun.ts";
import type { Submission } from "../../src/providers/provider.ts";
import { askProvider, submitBatch } from "../../src/providers/submit.ts";
import { tencent } from "../../src/providers/tencent.ts";
import aliyunVectors from "../providers/vectors/aliyun.json" with { type: "json" };
import tencentVectors from "../providers/vectors/tencent.json" with { type: "json" };
import { ask, Client, type Filed } from "./client.ts";
import { aliyunRequest, aliyunRpcRequest, tencentRequest } from "./signers.ts";
import {
  eventually,
  type Simulator,
  startReceiver,
  startSimulator,
  temporaryDirectory,
} from "./support.ts";

let simulator: Simulator;
let client: Client;
let filed: Filed;
let serial = 0;

/** A mainland number that no other test uses. */
const newNumber = (): string => `+86139${String(++serial).padStart(8, "0")}`;
const domestic = (number: string): string => number.slice(3);

beforeAll(async () => {
  simulator = await startSimulator(temporaryDirectory());
  client = new Client(simulator.url);
  filed = await client.file();
});

afterAll(() => simulator.discard());

const sendAliyun = (number: string, change: Record<string, string> = {}) =>
  client.aliyun("SendSms", {
    PhoneNumbers: domestic(number),
    SignName: "鸿雁商城",
    TemplateCode: filed.aliyun.code,
    TemplateParam: '{"code":"246810"}',
    ...change,
  });

const sendTencent = (number: string, change: Record<string, unknown> = {}) =>
  client.tencent("SendSms", {
    PhoneNumberSet: [number],
    SmsSdkAppId: "1400006666",
    TemplateId: filed.tencent.code,
    SignName: "鸿雁商城",
    TemplateParamSet: ["246810", "5"],
    ...change,
  });

describe("signatures at the door", () => {
  it("lets both Aliyun signatures in, at the root, under its prefix and below", async () => {
    for (const path of ["/", "/aliyun", "/aliyun/", "/aliyun/rpc"]) {
      const number = newNumber();
      const params = {
        PhoneNumbers: domestic(number),
        SignName: "鸿雁商城",
        TemplateCode: filed.aliyun.code,
        TemplateParam: '{"code":"246810"}',
      };
      const requests = [aliyunRequest, aliyunRpcRequest].map((make) =>
        make(`${simulator.url}${path}`, "SendSms", params),
      );
      for (const request of requests) expect((await ask(request)).body.Code).toBe("OK");
      expect(await client.texts(number)).toHaveLength(2);
    }
  });

  it("takes the requests of Aliyun's SDK, signed again for an account it knows", async () => {
    for (const { request, operation } of aliyunVectors.vectors) {
      const params = Object.fromEntries(new URL(request.url).searchParams);
      const form = Object.fromEntries(new URLSearchParams(request.body));
      const hasForm = request.body !== "" && form.Signature === undefined;
      const { body } = await client.aliyun(operation, params, {}, hasForm ? form : undefined);
      expect(body.Code).toMatch(/^isv\.|^Missing|^InvalidAction|^OK/);
    }
  });

  it("takes the requests of Tencent's SDK, signed again for an account it knows", async () => {
    for (const { request, operation } of tencentVectors.vectors) {
      const body = await client.tencent(operation, JSON.parse(request.body));
      expect(body.Error?.Code ?? "Ok").not.toMatch(/^AuthFailure/);
    }
  });

  it("refuses Aliyun requests as its gateway does, and counts them", async () => {
    const send = (credentials: object) => client.aliyun("GetSmsSign", {}, credentials);
    const before = await client.stats("aliyun");
    const unknown = await send({ id: "nobody" });
    expect([unknown.status, unknown.body.Code]).toEqual([404, "InvalidAccessKeyId.NotFound"]);
    expect(unknown.body).toHaveProperty("HostId");
    const wrong = await send({ secret: "guess" });
    expect([wrong.status, wrong.body.Code]).toEqual([400, "SignatureDoesNotMatch"]);
    const late = await send({ at: Date.now() - 16 * 60_000 });
    expect(late.body.Code).toBe("InvalidTimeStamp.Expired");
    expect((await send({ at: Date.now() - 14 * 60_000 })).body.Code).toMatch(/^isv/);
    expect((await send({ nonce: "once" })).body.Code).toMatch(/^isv/);
    expect((await send({ nonce: "once" })).body.Code).toBe("SignatureNonceUsed");
    const tampered = aliyunRpcRequest(`${simulator.url}/`, "GetSmsSign", {}, { secret: "guess" });
    expect((await ask(tampered)).body.Code).toBe("SignatureDoesNotMatch");
    const unsigned = await client.control("POST", "/aliyun?Action=SendSms");
    expect(unsigned.body.Code).toBe("MissingAccessKeyId");
    const after = await client.stats("aliyun");
    expect(after.bad_signatures - before.bad_signatures).toBe(6);
    expect(after.requests - before.requests).toBe(8);
  });

  it("does not let a signed Aliyun request be changed on the way", async () => {
    const request = aliyunRequest(`${simulator.url}/`, "GetSmsSign", { SignName: "鸿雁商城" });
    const changed = new Request(request.url.replace("SignName=", "SignName=x"), request);
    expect((await ask(changed)).body.Code).toBe("SignatureDoesNotMatch");
  });

  it("refuses Tencent requests in an HTTP 200, and counts them", async () => {
    const send = async (credentials: object) => {
      const request = tencentRequest(`${simulator.url}/tencent`, "SendSms", {}, credentials);
      const { status, body } = await ask(request);
      expect(status).toBe(200);
      return body.Response.Error.Code;
    };
    const before = await client.stats("tencent");
    expect(await send({ id: "nobody" })).toBe("AuthFailure.SecretIdNotFound");
    expect(await send({ secret: "guess" })).toBe("AuthFailure.SignatureFailure");
    expect(await send({ at: Date.now() - 301_000 })).toBe("AuthFailure.SignatureExpire");
    expect(await send({ at: Date.now() - 290_000 })).toBe("MissingParameter");
    const unsigned = await client.control("POST", "/tencent", {});
    expect(unsigned.body.Response.Error.Code).toBe("AuthFailure.InvalidAuthorization");
    const after = await client.stats("tencent");
    expect(after.bad_signatures - before.bad_signatures).toBe(4);
  });

  it("keeps the accounts apart", async () => {
    const second = { id: "sim-id-2", secret: "sim-secret-2" };
    const { body } = await client.aliyun("GetSmsSign", { SignName: "鸿雁商城" }, second);
    expect(body.Code).toBe("isv.SMS_SIGNATURE_ILLEGAL");
  });
});

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
      { TemplateCode: filed.aliyun.notice, OutId: `batch-${serial}` },
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

describe("limits per number", () => {
  it("are off until they are asked for, and then the vendor's own", async () => {
    const number = newNumber();
    for (let i = 0; i < 3; i += 1) expect((await sendAliyun(number)).body.Code).toBe("OK");
    for (const provider of ["aliyun", "tencent"]) {
      await client.control("PUT", `/limits/${provider}`, { per_number: true });
    }
    const { body } = await sendAliyun(number);
    expect(body.Code).toBe("isv.BUSINESS_LIMIT_CONTROL");
    const notice = { TemplateCode: filed.aliyun.notice, TemplateParam: '{"name":"a","order":"1"}' };
    expect((await sendAliyun(number, notice)).body.Code).toBe("OK");

    const other = newNumber();
    const codes: string[] = [];
    for (let i = 0; i < 11; i += 1) {
      const { SendStatusSet } = await sendTencent(other, {
        TemplateParamSet: [`10000${i}`.slice(-6), "5"],
      });
      codes.push(SendStatusSet[0].Code);
    }
    expect(codes.filter((code) => code === "Ok")).toHaveLength(10);
    expect(codes[10]).toBe("LimitExceeded.PhoneNumberDailyLimit");
    const again = newNumber();
    await sendTencent(again);
    const { SendStatusSet } = await sendTencent(again);
    expect(SendStatusSet[0].Code).toBe("LimitExceeded.PhoneNumberThirtySecondLimit");
    for (const provider of ["aliyun", "tencent"]) {
      await client.control("PUT", `/limits/${provider}`, { per_number: false });
    }
    expect((await sendAliyun(number)).body.Code).toBe("OK");
  });
});

describe("duplicates", () => {
  it("are one correlation accepted again for the same number", async () => {
    const number = newNumber();
    const before = { aliyun: await client.stats("aliyun"), tencent: await client.stats("tencent") };
    await sendAliyun(number, { OutId: "msg-dup" });
    await sendAliyun(newNumber(), { OutId: "msg-dup" });
    await sendTencent(number, { SessionContext: "msg-dup" });
    const duplicates = async (provider: "aliyun" | "tencent") =>
      (await client.stats(provider)).duplicates - before[provider].duplicates;
    expect([await duplicates("aliyun"), await duplicates("tencent")]).toEqual([0, 0]);
    await sendAliyun(number, { OutId: "msg-dup" });
    expect([await duplicates("aliyun"), await duplicates("tencent")]).toEqual([1, 0]);
  });

  it("are the same text to the same number where the caller gave no correlation", async () => {
    const number = newNumber();
    const { duplicates } = await client.stats("tencent");
    await sendTencent(number);
    await sendTencent(number, { TemplateParamSet: ["135790", "5"] });
    expect((await client.stats("tencent")).duplicates).toBe(duplicates);
    await sendTencent(number);
    expect((await client.stats("tencent")).duplicates).toBe(duplicates + 1);
  });
});

describe("batches of the product's own adapters", () => {
  const deps = {
    fetch,
    stamp: () => ({ now: new Date(), nonce: crypto.randomUUID().replaceAll("-", "").repeat(2) }),
  };
  const limits = { timeoutMs: 5_000 };
  const aliyunAccount = () => ({
    provider: aliyun,
    credentials: { access_key_id: "sim-id", access_key_secret: "sim-secret" },
    endpoint: `${simulator.url}/aliyun`,
    relay: null,
  });
  const tencentAccount = () => ({
    provider: tencent,
    credentials: { secret_id: "sim-id", secret_key: "sim-secret", sdk_app_id: "1400006666" },
    endpoint: `${simulator.url}/tencent`,
    relay: null,
  });
  const aText = (to: string, templateId: string, values: readonly string[]): Submission => ({
    messageId: `msg-${to}`,
    to,
    region: "domestic",
    sender: "鸿雁商城",
    text: `【鸿雁商城】${values[0]}，您的订单${values[1]}已发货。`,
    templateId,
    parameters: ["name", "order"].map((name, index) => ({ name, value: values[index] ?? "" })),
    category: "notification",
    callbackUrl: null,
    validForSeconds: null,
  });

  it("share Aliyun's id, have a receipt for each number, and can be asked for", async () => {
    const receiver = await startReceiver('{"code":0,"msg":"OK"}');
    await client.control("PUT", "/callbacks/aliyun", { receipts: receiver.url, replies: null });
    const texts = [newNumber(), newNumber(), newNumber()].map((to, index) =>
      aText(to, filed.aliyun.notice, ["客户", `A${index}`]),
    );
    const outcomes = await submitBatch(deps, aliyunAccount(), texts, limits);
    const [bizId, ...others] = new Set(
      outcomes.map((one) => (one.kind === "accepted" ? one.providerMessageId : one.kind)),
    );
    expect([bizId, others]).toEqual([expect.stringMatching(/\^0$/), []]);

    const pushed = await eventually(
      () => receiver.bodies.flat(),
      ({ length }) => length >= texts.length,
    );
    receiver.close();
    const read = aliyun.receipts.read({
      ...{ method: "POST", url: receiver.url, headers: {} },
      body: JSON.stringify(pushed),
    });
    expect(read.unreadable).toBe(0);
    const told = read.receipts.map(({ providerMessageId, messageId, to }) => [
      ...[providerMessageId, messageId, to],
    ]);
    expect(new Set(told.map(String))).toEqual(
      new Set(texts.map(({ to }) => String([bizId, undefined, to]))),
    );

    const [first] = texts;
    const ask = (change: object) =>
      askProvider(
        deps,
        aliyunAccount(),
        { ...(first as Submission), providerMessageId: null, submittedAt: new Date(), ...change },
        limits,
      );
    expect(await ask({})).toMatchObject({ kind: "found", status: "delivered" });
    expect(await ask({ to: newNumber(), submittedAt: noonOfYesterday() })).toEqual({
      kind: "absent",
    });
  });

  /** Far from midnight in China. */
  const noonOfYesterday = (): Date => {
    const at = new Date(Date.now() - 86_400_000);
    at.setUTCHours(4);
    return at;
  };

  it("have an outcome for each number at Tencent", async () => {
    const texts = [newNumber(), "+861380013", newNumber()].map((to) =>
      aText(to, filed.tencent.notice, ["客户", "A1"]),
    );
    const outcomes = await submitBatch(deps, tencentAccount(), texts, limits);
    expect(outcomes).toMatchObject([
      { kind: "accepted", segments: 1 },
      { kind: "rejected", next: "permanent", reason: "invalid-number" },
      { kind: "accepted", segments: 1 },
    ]);
    const [text] = await client.texts(texts[2]?.to ?? "");
    expect(text.text).toBe("【鸿雁商城】客户，您的订单A1已发货。");
  });
});
