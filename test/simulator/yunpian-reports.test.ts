import { createHash } from "node:crypto";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { Submission, WireRequest } from "../../src/providers/provider.ts";
import { yunpian } from "../../src/providers/yunpian.ts";
import { aPush, aSentText, aSubmission, someSubmissions } from "../providers/support.ts";
import type { Json } from "./client.ts";
import { eventually } from "./support.ts";
import { CODE, SENDER, setYunpianStage } from "./yunpian-stage.ts";

const stage = await setYunpianStage();
const { ask, newMobile, receiver, review, single, templateId } = stage;
afterEach(stage.reset);
afterAll(stage.close);

describe("receipts of Yunpian", () => {
  const reported = async (mobile: string): Promise<Json> => {
    const push = await eventually(
      () => receiver.pushes.find(({ body }) => body.includes(mobile)),
      (found) => found !== undefined,
    );
    const json = new URLSearchParams(push?.body).get("sms_status") ?? "";
    const rows: Json[] = JSON.parse(json.replace(/"sid":(\d+)/g, '"sid":"$1"'));
    return { push, row: rows.find((row) => row.mobile === mobile) };
  };

  it("are pushed as a form, with the id in full and China's clock", async () => {
    const mobile = newMobile();
    const { body } = await single(mobile, CODE, { uid: "msg-1" });
    const { push, row } = await reported(mobile);
    expect(push).toMatchObject({
      path: "/receipts",
      type: "application/x-www-form-urlencoded;charset=utf-8",
    });
    expect(row).toEqual({
      sid: body.sid,
      uid: "msg-1",
      user_receive_time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      error_msg: "",
      error_detail: "接收成功",
      mobile,
      report_status: "SUCCESS",
    });
  });

  it("go to the request's own callback where it names one", async () => {
    const mobile = newMobile();
    await single(mobile, CODE, { callback_url: `${receiver.url}own?a=1&b=2` });
    expect((await reported(mobile)).push.path).toBe("/own?a=1&b=2");
  });

  it("say why a text failed", async () => {
    const mobile = newMobile();
    await stage.client.control("PUT", `/handsets/+86${mobile}`, { off: true });
    await single(mobile);
    expect((await reported(mobile)).row).toMatchObject({
      report_status: "FAIL",
      error_msg: "MK:0010",
      uid: null,
    });
  });

  it("are told again after five minutes unless they were answered by SUCCESS or 0", async () => {
    const mobiles: string[] = [];
    for (const word of ["SUCCESS", "0", "OK"]) {
      receiver.acknowledgement = word;
      const mobile = newMobile();
      mobiles.push(mobile);
      await single(mobile);
      await reported(mobile);
    }
    const [first = "", second = "", third = ""] = mobiles;
    const told = (mobile: string) =>
      receiver.pushes.filter(({ body }) => body.includes(mobile)).length;
    await stage.restart(301);
    // What is due goes out once the carrier is woken.
    await stage.client.stats("yunpian");
    await eventually(
      () => told(third),
      (times) => times === 2,
    );
    expect([told(first), told(second)]).toEqual([1, 1]);
  });
});

describe("filing with Yunpian", () => {
  it("reviews a sender once under one name", async () => {
    await review("approved", 300);
    const { body } = await ask("sign/add", { sign: "鸿雁" });
    expect(body).toMatchObject({ code: 0, sign: { apply_state: "CHECKING", sign: "鸿雁" } });
    expect((await ask("sign/add", { sign: "鸿雁" })).body.code).toBe(-54);
    const state = async () => (await ask("sign/get", { sign: "鸿雁" })).body.sign[0].check_status;
    expect(await state()).toBe("CHECKING");
    await eventually(state, (status) => status === "SUCCESS");
    await review("approved", 0);
    for (const sign of ["鸿", "【鸿雁】", "x".repeat(21)]) {
      expect((await ask("sign/add", { sign })).body.code).toBe(16);
    }
    expect((await ask("sign/add", {})).body.code).toBe(1);
  });

  it.each([
    [{ tpl_content: "" }, 1],
    [{ tpl_content: "您的验证码是#code#" }, 6],
    [{ tpl_content: "【别家】您的验证码是#code#" }, 15],
    [{ tpl_type: "7" }, 2],
    [{ region: "moon" }, 2],
  ])("refuses a template with %j by code %i", async (change, code) => {
    const fields = { tpl_content: `【${SENDER}】#a#`, ...change };
    expect((await ask("tpl/add", fields)).body.code).toBe(code);
  });

  it("shows one template by its id, or a page of all", async () => {
    const one = await ask("tpl/get", { tpl_id: templateId });
    expect(one.text).toContain(`"tpl_id":${templateId}`);
    expect(one.body).toMatchObject({ tpl_id: templateId, check_status: "SUCCESS", reason: null });
    expect((await ask("tpl/get", { page_size: "2" })).body).toHaveLength(2);
    expect((await ask("tpl/get", { tpl_id: "1" })).body.code).toBe(5);
  });
});

describe("the adapter at the simulator", () => {
  const credentials = { apikey: "sim-secret" };
  const exchange = async ({ url, ...init }: WireRequest) => {
    const response = await fetch(url, init);
    return { status: response.status, headers: {}, body: await response.text() };
  };
  const endpoint = () => `${stage.simulator.url}/yunpian`;
  const aText = (changes: Partial<Submission> = {}) =>
    aSubmission({ to: `+86${newMobile()}`, sender: SENDER, text: CODE, ...changes });

  it("files a sender and a template, and reads their review", async () => {
    const sender = { name: "雁字", region: "domestic" } as const;
    const signed = await exchange(yunpian.senders.file(credentials, endpoint(), sender));
    expect(yunpian.senders.readFiled(signed)).toEqual({ ok: true, providerTemplateId: "雁字" });
    const filing = {
      name: "otp-login",
      body: "验证码{{code}}，用于登录。\n@shop.example #{{code}}",
      category: "otp",
      region: "domestic",
      sender: "雁字",
      variables: ["code"],
    } as const;
    const filed = yunpian.templates.readFiled(
      await exchange(yunpian.templates.file(credentials, endpoint(), filing)),
    );
    if (!filed.ok) throw new Error(filed.detail);
    const { providerTemplateId } = filed;
    const template = { providerTemplateId, region: "domestic" } as const;
    const reviewed = await exchange(yunpian.templates.review(credentials, endpoint(), template));
    expect(yunpian.templates.readReview(reviewed)).toBe("approved");
    const text = "【雁字】验证码246810，用于登录。\n@shop.example #246810";
    const sent = await exchange(yunpian.send(credentials, endpoint(), aText({ text })));
    expect(yunpian.readSend(sent)).toMatchObject({ kind: "accepted", segments: 1 });
  });

  it("finds in receipts and records the id that the answer gave", async () => {
    const submission = aText({ messageId: "msg-ours" });
    const outcome = yunpian.readSend(
      await exchange(yunpian.send(credentials, endpoint(), submission)),
    );
    if (outcome.kind !== "accepted") throw new Error(outcome.kind);
    const { providerMessageId } = outcome;
    const read = await eventually(
      () => receiver.pushes.flatMap(({ body }) => yunpian.receipts.read(aPush(body)).receipts),
      (receipts) => receipts.some(({ to }) => to === submission.to),
    );
    expect(read).toContainEqual(
      expect.objectContaining({ providerMessageId, messageId: "msg-ours", status: "delivered" }),
    );
    const { to, messageId } = submission;
    const sent = aSentText({ to, messageId, text: CODE, submittedAt: new Date() });
    const asked = await exchange(yunpian.query.ask(credentials, endpoint(), sent));
    expect(yunpian.query.readAnswer(asked, sent)).toEqual({
      kind: "found",
      status: "delivered",
      code: "SUCCESS",
      providerMessageId,
      segments: 1,
    });
  });

  it("settles a batch, and finds its texts by their words, or proves that there is none", async () => {
    const texts = someSubmissions(3).map(({ messageId }, index) =>
      aText({ messageId, text: index === 1 ? `【${SENDER}】什么都不像` : CODE }),
    );
    const request = yunpian.batch.send(credentials, endpoint(), texts);
    const outcomes = yunpian.batch.readSend(await exchange(request), texts);
    expect(outcomes).toMatchObject([
      { kind: "accepted" },
      { kind: "rejected", reason: "template-not-approved" },
      { kind: "accepted" },
    ]);
    const kinds = [];
    for (const { to, messageId, text } of texts) {
      const sent = aSentText({ to, messageId, text, submittedAt: new Date() });
      const asked = await exchange(yunpian.query.ask(credentials, endpoint(), sent));
      kinds.push(yunpian.query.readAnswer(asked, sent).kind);
    }
    expect(kinds).toEqual(["found", "absent", "found"]);
  });

  it("knows the vendor's replies by their signature", async () => {
    const mobile = newMobile();
    await single(mobile);
    const path = `/handsets/+86${mobile}/reply`;
    expect((await stage.client.control("POST", path, { text: "TD，退订" })).status).toBe(204);
    const push = receiver.pushes.find((each) => each.path === "/replies");
    const reply = aPush(push?.body ?? "");
    expect(yunpian.replies.isAuthentic(credentials, reply)).toBe(true);
    expect(yunpian.replies.isAuthentic({ apikey: "sim-secret-2" }, reply)).toBe(false);
    expect(yunpian.replies.read(reply).replies).toEqual([
      expect.objectContaining({ from: `+86${mobile}`, text: "TD，退订", to: "8888" }),
    ]);
    const { _sign, ...fields } = JSON.parse(new URLSearchParams(push?.body).get("sms_reply") ?? "");
    const { base_extend, extend, id, reply_time, text } = fields;
    const words = [base_extend, extend, id, mobile, reply_time, text, "sim-secret"].join(",");
    expect(_sign).toBe(createHash("md5").update(words).digest("hex"));
  });
});
