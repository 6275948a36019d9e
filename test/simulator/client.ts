import { aliyunRequest, type Credentials, tencentRequest } from "./signers.ts";

// biome-ignore lint/suspicious/noExplicitAny: vendors' answers are asserted field by field.
export type Json = any;

/** A variable as Aliyun's templates spell it. */
export const slot = (name: string): string => `\${${name}}`;

export async function ask(request: Request): Promise<{ status: number; body: Json }> {
  const response = await fetch(request);
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

/** A simulator as its callers and its operator see it. */
export class Client {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  aliyun(
    action: string,
    params: Record<string, string>,
    credentials?: Credentials,
    form?: Record<string, string>,
  ): Promise<{ status: number; body: Json }> {
    return ask(aliyunRequest(`${this.url}/`, action, params, credentials, form));
  }

  async tencent(action: string, params: unknown, credentials?: Credentials): Promise<Json> {
    const { body } = await ask(tencentRequest(`${this.url}/`, action, params, credentials));
    return body.Response;
  }

  async control(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Json }> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    return ask(new Request(`${this.url}${path}`, init));
  }

  async texts(number: string): Promise<Json[]> {
    return (await this.control("GET", `/handsets/${number}/messages`)).body.data;
  }

  async stats(provider: string): Promise<Json> {
    return (await this.control("GET", "/stats")).body[provider];
  }

  /** Files one sender and the templates of each kind with both vendors, approved at once. */
  async file(): Promise<Filed> {
    for (const provider of ["aliyun", "tencent"]) {
      await this.control("PUT", `/reviews/${provider}`, { outcome: "approved", delay_ms: 0 });
    }
    await this.aliyun("CreateSmsSign", { SignName: "鸿雁商城", SignSource: "0" });
    for (const International of [0, 1]) {
      const fields = { SignType: 0, DocumentType: 0, SignPurpose: 0, International };
      await this.tencent("AddSmsSign", { SignName: "鸿雁商城", ...fields });
    }
    const aliyun = async (TemplateType: string, TemplateContent: string, rule: object) => {
      const { body } = await this.aliyun("CreateSmsTemplate", {
        TemplateName: "模板",
        TemplateContent,
        TemplateType,
        RelatedSignName: "鸿雁商城",
        TemplateRule: JSON.stringify(rule),
      });
      return String(body.TemplateCode);
    };
    const tencent = async (SmsType: number, International: number, TemplateContent: string) => {
      const fields = { TemplateName: "模板", SmsType, International, TemplateContent, Remark: "-" };
      const { AddTemplateStatus } = await this.tencent("AddSmsTemplate", fields);
      return String(AddTemplateStatus.TemplateId);
    };
    return {
      aliyun: {
        code: await aliyun("0", `您的验证码为${slot("code")}，5分钟内有效。`, {
          code: "numberCaptcha",
        }),
        notice: await aliyun("1", `${slot("name")}，您的订单${slot("order")}已发货。`, {
          name: "name",
          order: "other_number2",
        }),
        international: await aliyun("3", `Hello ${slot("name")}!`, { name: "name" }),
      },
      tencent: {
        code: await tencent(3, 0, "您的验证码为{1}，{2}分钟内有效。"),
        notice: await tencent(2, 0, "{1}，您的订单{2}已发货。"),
        international: await tencent(2, 1, "Hello {1}!"),
      },
    };
  }
}

export interface Filed {
  readonly aliyun: {
    readonly code: string;
    readonly notice: string;
    readonly international: string;
  };
  readonly tencent: {
    readonly code: string;
    readonly notice: string;
    readonly international: string;
  };
}
