import { describe, expect, it } from "vitest";
import type { WireRequest } from "../../src/providers/provider.ts";
import { yunpian } from "../../src/providers/yunpian.ts";
import { answer, ENDPOINT, FILING } from "./support.ts";

const APIKEY = "9b11127a9701975c734b8aee81ee3526";
const CREDENTIALS = { apikey: APIKEY };
const BIGGEST = "9223372036854775807";

const fields = ({ body }: WireRequest) => Object.fromEntries(new URLSearchParams(body));

describe("filing with Yunpian", () => {
  const website = "https://shop.example/register";
  const file = (changes: Partial<typeof FILING>, credentials: object = {}) =>
    fields(
      yunpian.templates.file({ ...CREDENTIALS, ...credentials }, ENDPOINT, {
        ...FILING,
        ...changes,
      }),
    );

  it("files a code template with its sender, its variables and a word for the reviewers", () => {
    const body = "您的验证码是{{code}}，{{ minutes|5 }}分钟内有效";
    expect(file({ body }, { website })).toEqual({
      apikey: APIKEY,
      tpl_content: "【鸿雁商城】您的验证码是#code#，#minutes#分钟内有效",
      notify_type: "3",
      tpl_type: "1",
      apply_description: "otp-login",
      website,
    });
  });

  it("files other texts as notifications, and those for abroad as such", () => {
    const abroad = file({ category: "marketing", region: "international" }, { website });
    expect(abroad).toMatchObject({ tpl_type: "0", region: "abroad" });
    expect(abroad).not.toHaveProperty("website");
  });

  it.each([
    [{ tpl_id: 1, check_status: "CHECKING" }, "1"],
    [{ code: 0, template: { tpl_id: 2 } }, "2"],
  ])("reads the template's id out of %j", (body, providerTemplateId) => {
    expect(yunpian.templates.readFiled(answer(body))).toEqual({ ok: true, providerTemplateId });
  });

  it("keeps every digit of a template's id, and the vendor's words of a refusal", () => {
    expect(yunpian.templates.readFiled(answer(`{"tpl_id":${BIGGEST}}`))).toEqual({
      ok: true,
      providerTemplateId: BIGGEST,
    });
    const refused = { code: 6, msg: "添加模板失败", detail: null };
    expect(yunpian.templates.readFiled(answer(refused, { status: 400 }))).toEqual({
      ok: false,
      code: "6",
      detail: "添加模板失败",
    });
    expect(yunpian.templates.readFiled(answer({ code: 0 }))).toMatchObject({
      code: "unreadable-answer",
    });
  });

  it("asks for the review of one template", () => {
    const template = { providerTemplateId: BIGGEST, region: "domestic" } as const;
    const request = yunpian.templates.review(CREDENTIALS, ENDPOINT, template);
    expect(request.url).toBe(`${ENDPOINT}/v2/tpl/get.json`);
    expect(fields(request)).toEqual({ apikey: APIKEY, tpl_id: BIGGEST });
  });

  it.each([
    [{ tpl_id: 1, check_status: "CHECKING" }, "pending"],
    [[{ tpl_id: 1, check_status: "SUCCESS" }], "approved"],
    [{ template: { check_status: "FAIL", reason: "…" } }, "rejected"],
    [{ check_status: "constructor" }, "unknown"],
    [{ code: 5, msg: "未找到对应id的模板" }, "unknown"],
  ])("reads %j as %s", (body, review) => {
    expect(yunpian.templates.readReview(answer(body))).toBe(review);
  });

  it("files a sender without brackets", () => {
    const sender = { name: "鸿雁商城", region: "domestic" } as const;
    const request = yunpian.senders.file({ ...CREDENTIALS, website }, ENDPOINT, sender);
    expect(request.url).toBe(`${ENDPOINT}/v2/sign/add.json`);
    expect(fields(request)).toEqual({ apikey: APIKEY, sign: "鸿雁商城", sign_use: "0", website });
    const abroad = { ...sender, region: "international" } as const;
    expect(fields(yunpian.senders.file(CREDENTIALS, ENDPOINT, abroad))).toMatchObject({
      is_only_global: "true",
    });
    const filed = { code: 0, msg: "OK", sign: { apply_state: "CHECKING", sign: "鸿雁商城" } };
    expect(yunpian.senders.readFiled(answer(filed))).toEqual({
      ok: true,
      providerTemplateId: "鸿雁商城",
    });
  });

  it("asks for the review of a sender, and reads it from those that were found", () => {
    const sender = { name: "鸿雁商城", id: "鸿雁商城", region: "domestic" } as const;
    const request = yunpian.senders.review(CREDENTIALS, ENDPOINT, sender);
    expect(request.url).toBe(`${ENDPOINT}/v2/sign/get.json`);
    expect(fields(request)).toEqual({ apikey: APIKEY, sign: "鸿雁商城" });
    const found = (sign: object[]) =>
      yunpian.senders.readReview(answer({ code: 0, total: sign.length, sign }), sender);
    const other = { sign: "鸿雁", check_status: "SUCCESS", remark: null };
    const own = { sign: "鸿雁商城", check_status: "FAIL", remark: "网站不可用" };
    expect(found([other, own])).toEqual({
      outcome: "rejected",
      id: "鸿雁商城",
      detail: "网站不可用",
      carriers: null,
    });
    expect(found([other])).toMatchObject({ outcome: "unknown", id: null });
  });

  it("takes a website for one only if it is a URL", () => {
    const isUsable = (site: string) =>
      yunpian.credentials.safeParse({ ...CREDENTIALS, website: site }).success;
    expect(isUsable(website)).toBe(true);
    expect(isUsable("shop")).toBe(false);
  });
});
