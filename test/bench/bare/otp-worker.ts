import { DurableObject } from "cloudflare:workers";
import { randomInt, randomUUID } from "node:crypto";
import { signTc3 } from "../../../src/providers/signing/tc3.ts";

interface BareEnv {
  readonly NUMBER: DurableObjectNamespace<BareNumber>;
  /** Tencent's API at the simulator. */
  readonly ENDPOINT: string;
  readonly SENDER: string;
}

const CREDENTIALS = { secretId: "sim-id", secretKey: "sim-secret" };

/** The least that could be called a code by text: no rule, no record, no second provider. */
export class BareNumber extends DurableObject<BareEnv> {
  async send(to: string, template: string): Promise<void> {
    const code = String(randomInt(1_000_000)).padStart(6, "0");
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS codes (id INTEGER PRIMARY KEY, code TEXT, used INTEGER)");
    sql.exec("INSERT INTO codes (code, used) VALUES (?, 0)", code);
    // The commit leads the request: a request leaves an object once its writes are on disk.
    await submit(this.env, to, template, code);
  }

  async check(code: string): Promise<boolean> {
    const { sql } = this.ctx.storage;
    const latest = sql.exec("SELECT * FROM codes ORDER BY id DESC LIMIT 1").one();
    if (latest.used !== 0 || latest.code !== code) return false;
    sql.exec("UPDATE codes SET used = 1 WHERE id = ?", latest.id);
    return true;
  }
}

async function submit(env: BareEnv, to: string, template: string, code: string): Promise<void> {
  const body = JSON.stringify({
    PhoneNumberSet: [to],
    SmsSdkAppId: "1400006666",
    TemplateId: template,
    SignName: env.SENDER,
    TemplateParamSet: [code],
    SessionContext: randomUUID(),
  });
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const contentType = "application/json";
  const { host } = new URL(env.ENDPOINT);
  const response = await fetch(env.ENDPOINT, {
    method: "POST",
    headers: {
      "content-type": contentType,
      "x-tc-action": "SendSms",
      "x-tc-version": "2021-01-11",
      "x-tc-region": "ap-guangzhou",
      "x-tc-timestamp": String(timestampSeconds),
      authorization: signTc3(CREDENTIALS, {
        host,
        service: "sms",
        contentType,
        timestampSeconds,
        body,
      }),
    },
    body,
  });
  const answer = await response.text();
  if (!answer.includes('"Code":"Ok"')) throw new Error(`the simulator answered ${answer}`);
}

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/raw") return new Response("ok");
    const { to, template, code } = (await request.json()) as {
      to: string;
      template: string;
      code: string;
    };
    const number = env.NUMBER.getByName(to);
    if (pathname === "/check") return Response.json({ valid: await number.check(code) });
    await number.send(to, template);
    return Response.json({ sent: true }, { status: 201 });
  },
} satisfies ExportedHandler<BareEnv>;
