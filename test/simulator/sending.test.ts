import { afterAll, describe, expect, it } from "vitest";
import { aliyun } from "../../src/providers/aliyun.ts";
import type { Submission } from "../../src/providers/provider.ts";
import { askProvider, submitBatch } from "../../src/providers/submit.ts";
import { tencent } from "../../src/providers/tencent.ts";
import aliyunVectors from "../providers/vectors/aliyun.json" with { type: "json" };
import tencentVectors from "../providers/vectors/tencent.json" with { type: "json" };
import { ask } from "./client.ts";
import { domestic, setSendingStage } from "./sending-stage.ts";
import { aliyunRequest, aliyunRpcRequest, tencentRequest } from "./signers.ts";
import { eventually, startReceiver } from "./support.ts";

const { client, filed, newNumber, sendAliyun, sendTencent, simulator } = await setSendingStage();
afterAll(() => simulator.discard());

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
