import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  aliyunSend,
  newNumber,
  receipts,
  type Stage,
  send,
  setFault,
  setStage,
  tencentSend,
} from "./stage.ts";
import { rawAnswer } from "./support.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});

afterEach(async () => {
  await stage.client.control("DELETE", "/faults");
  for (const receiver of Object.values(stage.receivers)) receiver.bodies.length = 0;
});

afterAll(() => stage.close());

describe("faults", () => {
  const accepted = async (number: string) => (await stage.client.texts(number)).length;

  it("http_500: an error without a vendor's envelope", async () => {
    await setFault(stage, "aliyun", { mode: "http_500" });
    const number = newNumber();
    expect((await fetch(aliyunSend(stage, number))).status).toBe(500);
    expect(await accepted(number)).toBe(0);
  });

  it("reset: the connection ends without a byte", async () => {
    await setFault(stage, "aliyun", { mode: "reset" });
    const number = newNumber();
    for (let i = 0; i < 5; i += 1) expect(await rawAnswer(aliyunSend(stage, number))).toBe("");
    await expect(fetch(aliyunSend(stage, number))).rejects.toThrow();
    expect(await accepted(number)).toBe(0);
    await stage.client.control("DELETE", "/faults");
    expect(await rawAnswer(aliyunSend(stage, number))).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  it("timeout and accept_then_timeout: silence, without and with the text", async () => {
    const patience = () => ({ signal: AbortSignal.timeout(200) });
    const number = newNumber();
    await setFault(stage, "aliyun", { mode: "timeout" });
    await expect(fetch(aliyunSend(stage, number), patience())).rejects.toThrow(/timeout/);
    expect(await accepted(number)).toBe(0);
    await setFault(stage, "aliyun", { mode: "accept_then_timeout" });
    await expect(fetch(aliyunSend(stage, number, "msg-t"), patience())).rejects.toThrow(/timeout/);
    expect(await accepted(number)).toBe(1);
    expect(await receipts(stage, "aliyun", number)).toEqual([
      expect.objectContaining({ out_id: "msg-t" }),
    ]);
  });

  it.each([
    ["throttle", undefined, "Throttling.User", 400],
    ["frequency", undefined, "isv.BUSINESS_LIMIT_CONTROL", 200],
    ["reject", undefined, "isv.AMOUNT_NOT_ENOUGH", 200],
    ["reject", "isv.OUT_OF_SERVICE", "isv.OUT_OF_SERVICE", 200],
    ["reject", "Forbidden.RAM", "Forbidden.RAM", 403],
  ])("%s (%s) of Aliyun is %s", async (mode, error_code, code, status) => {
    await setFault(stage, "aliyun", { mode, ...(error_code && { error_code }) });
    const response = await fetch(aliyunSend(stage, newNumber()));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ Code: code });
  });

  it.each([
    ["throttle", undefined, "RequestLimitExceeded", "request"],
    ["frequency", undefined, "LimitExceeded.PhoneNumberDailyLimit", "number"],
    ["reject", undefined, "FailedOperation.InsufficientBalanceInSmsPackage", "number"],
    ["reject", "InternalError.Timeout", "InternalError.Timeout", "request"],
  ])("%s (%s) of Tencent is %s by %s", async (mode, error_code, code, level) => {
    await setFault(stage, "tencent", { mode, ...(error_code && { error_code }) });
    const { Response: answer } = await send(tencentSend(stage, newNumber()));
    const codes = { request: answer.Error?.Code, number: answer.SendStatusSet?.[0].Code };
    expect(codes).toEqual({ request: undefined, number: undefined, [level]: code });
  });

  it("malformed: half a JSON, a page, nothing, or an OK without an id", async () => {
    await setFault(stage, "aliyun", { mode: "malformed" });
    const number = newNumber();
    const kinds = new Set<string>();
    for (let i = 0; i < 200 && kinds.size < 4; i += 1) {
      const response = await fetch(aliyunSend(stage, number));
      expect(response.status).toBe(200);
      kinds.add(kindOf(await response.text()));
    }
    expect([...kinds].sort()).toEqual(["empty", "ok-without-id", "page", "truncated"]);
    expect(await accepted(number)).toBe(0);
  });

  it("slow, and a latency without any other fault", async () => {
    for (const mode of ["slow", "none"]) {
      await setFault(stage, "tencent", { mode, latency_ms: 120 });
      const startedAt = Date.now();
      const { Response: answer } = await send(tencentSend(stage, newNumber()));
      expect(answer.SendStatusSet[0].Code).toBe("Ok");
      expect(Date.now() - startedAt).toBeGreaterThanOrEqual(120);
    }
  });

  it("strike submissions alone, of their provider alone, at their rate", async () => {
    await setFault(stage, "aliyun", { mode: "http_500" });
    expect((await stage.client.aliyun("QuerySmsSignList", {})).status).toBe(200);
    expect((await send(tencentSend(stage, newNumber()))).Response.SendStatusSet[0].Code).toBe("Ok");
    await setFault(stage, "aliyun", { mode: "http_500", rate: 0 });
    expect((await send(aliyunSend(stage, newNumber()))).Code).toBe("OK");
    await setFault(stage, "aliyun", { mode: "http_500", rate: 0.5 });
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async () => (await fetch(aliyunSend(stage, newNumber()))).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200, 500]));
  });
});

function kindOf(body: string): string {
  if (body === "") return "empty";
  if (body.startsWith("<html>")) return "page";
  try {
    const { Code, BizId } = JSON.parse(body);
    return Code === "OK" && BizId === undefined ? "ok-without-id" : "something else";
  } catch {
    return "truncated";
  }
}

describe("control", () => {
  it.each([
    ["/faults/aliyun", { mode: "explode" }, /mode must be one of/],
    ["/faults/aliyun", { mode: "reset", rate: 2 }, /rate must be a number from 0 to 1/],
    ["/faults/aliyun", { mode: "none", receipt: { delay_ms: -1 } }, /receipt\.delay_ms/],
    ["/faults/aliyun", { kind: "reset" }, /kind is not a known field/],
    ["/faults/aliyun", [], /JSON object/],
    ["/callbacks/aliyun", { receipts: "ftp://a" }, /receipts must be/],
    ["/reviews/tencent", { outcome: "maybe" }, /outcome must be/],
    ["/limits/tencent", { per_number: 1 }, /per_number must be/],
    ["/handsets/+8613800138000", { off: "yes" }, /off must be/],
    ["/handsets/13800138000", { off: true }, /E\.164/],
  ])("refuses PUT %s %j", async (path, body, detail) => {
    const answer = await stage.client.control("PUT", path, body);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatch(detail);
  });

  it("knows no other provider or route", async () => {
    expect((await stage.client.control("PUT", "/faults/nobody", { mode: "none" })).status).toBe(
      404,
    );
    expect((await stage.client.control("GET", "/nowhere")).status).toBe(404);
  });

  it("clears the handsets and the counters, not what the vendors know", async () => {
    const number = newNumber();
    await stage.client.control("PUT", `/handsets/${number}`, { off: true });
    await send(tencentSend(stage, number));
    const other = newNumber();
    await send(tencentSend(stage, other));
    expect((await stage.client.control("DELETE", "/handsets")).status).toBe(204);
    expect(await stage.client.texts(other)).toEqual([]);
    expect(await stage.client.stats("tencent")).toEqual({
      requests: 0,
      accepted: 0,
      bad_signatures: 0,
      recipients: 0,
      duplicates: 0,
    });
    await send(tencentSend(stage, number));
    expect(await stage.client.texts(number)).toHaveLength(1);
    const BeginTime = Math.floor(Date.now() / 1000) - 60;
    const query = { PhoneNumber: other, SmsSdkAppId: "1400006666", BeginTime };
    expect((await stage.client.tencent("DescribeSendRecordList", query)).TotalCount).toBe(1);
  });

  it("verifies a Turnstile token once", async () => {
    const verify = async (fields: Record<string, string>) => {
      const body = new URLSearchParams(fields);
      return (
        await fetch(`${stage.client.url}/turnstile/siteverify`, { method: "POST", body })
      ).json();
    };
    const token = { secret: "any", response: "sim-token-1" };
    expect(await verify(token)).toMatchObject({ success: true, "error-codes": [] });
    expect(await verify(token)).toMatchObject({
      success: false,
      "error-codes": ["timeout-or-duplicate"],
    });
    const forged = await verify({ secret: "any", response: "forged" });
    expect(forged).toMatchObject({ success: false, "error-codes": ["invalid-input-response"] });
    expect(await verify({ response: "sim-2" })).toMatchObject({
      "error-codes": ["missing-input-secret"],
    });
  });

  it("shows what a Turnstile widget carried, and answers twice with one idempotency key", async () => {
    const verify = async (response: string, idempotency_key?: string) => {
      const answer = await fetch(`${stage.client.url}/turnstile/siteverify`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ secret: "any", response, idempotency_key }),
      });
      return answer.status === 200 ? answer.json() : answer.status;
    };
    const used = { success: false, "error-codes": ["timeout-or-duplicate"] };
    const [key, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const bound = "sim-bound?action=send_code&cdata=abc_-9";
    const solved = { success: true, action: "send_code", cdata: "abc_-9" };
    expect(await verify(bound, key)).toMatchObject(solved);
    expect(await verify(bound, key)).toMatchObject(solved);
    expect(await verify(bound, other)).toMatchObject(used);
    expect(await verify(bound)).toMatchObject(used);

    expect(await verify("sim-lost?silent=once", key)).toBe(503);
    expect(await verify("sim-lost?silent=once", other)).toMatchObject(used);
    expect(await verify("sim-lost?silent=once", key)).toMatchObject({ success: true, cdata: "" });
    for (let i = 0; i < 3; i++) expect(await verify("sim-x?silent=always", key)).toBe(503);

    const invalid = { "error-codes": ["invalid-input-response"] };
    expect(await verify(`sim-y?action=${"a".repeat(33)}`, key)).toMatchObject(invalid);
    expect(await verify("sim-y?cdata=%2B86", key)).toMatchObject(invalid);
    expect(await verify("sim-y", "1")).toMatchObject({ "error-codes": ["bad-request"] });
  });

  it("serves a page that loads nothing from elsewhere", async () => {
    const response = await fetch(stage.client.url);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await response.text()).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });
});
