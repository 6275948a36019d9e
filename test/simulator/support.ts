import { execFileSync, spawn } from "node:child_process";
import { createHash, createHmac, randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "../..");
const QUIET = { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" };

export const temporaryDirectory = (): string => mkdtempSync(join(tmpdir(), "hongyan-simulator-"));

export function buildSimulator(): string {
  const out = temporaryDirectory();
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const config = join(ROOT, "src/simulator/wrangler.toml");
  execFileSync(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", out, "-c", config], {
    env: { ...process.env, ...QUIET },
    stdio: "pipe",
  });
  return join(out, "worker.js");
}

export interface Simulator {
  readonly url: string;
  /** SIGKILL to workerd and its starter at once. */
  kill(): Promise<void>;
}

export async function startSimulator(bundle: string, state: string): Promise<Simulator> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "launch.ts"), bundle, state], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, ...QUIET },
  });
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  for await (const line of createInterface(child.stdout)) {
    const url = /listening on (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    return {
      url,
      kill: async () => {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        await exited;
      },
    };
  }
  throw new Error("the simulator ended before it listened");
}

export const pause = (ms: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, ms);
  });

/** Asks again every 20 ms until the answer holds; fails the test after `withinMs`. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  holds: (answer: T) => boolean,
  withinMs = 4_000,
): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > until) throw new Error(`never held; last: ${JSON.stringify(answer)}`);
    await pause(20);
  }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();

const strict = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const query = (params: Record<string, string>): string =>
  Object.keys(params)
    .sort()
    .map((name) => `${strict(name)}=${strict(params[name] ?? "")}`)
    .join("&");

export interface Credentials {
  readonly id?: string;
  readonly secret?: string;
  readonly at?: number;
  readonly nonce?: string;
}

/** An ACS3 request; `form` travels as the body, as the SDK sends the arrays of SendBatchSms. */
export function aliyunRequest(
  base: string,
  action: string,
  params: Record<string, string>,
  { id = "sim-id", secret = "sim-secret", at = Date.now(), nonce = randomUUID() }: Credentials = {},
  form?: Record<string, string>,
): Request {
  const url = new URL(base);
  const body = form === undefined ? "" : query(form);
  const headers: Record<string, string> = {
    ...(form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
    host: url.host,
    "x-acs-action": action,
    "x-acs-content-sha256": sha256(body),
    "x-acs-date": `${new Date(at).toISOString().slice(0, 19)}Z`,
    "x-acs-signature-nonce": nonce,
    "x-acs-version": "2017-05-25",
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    "POST",
    url.pathname,
    query(params),
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    sha256(body),
  ].join("\n");
  const signature = hmac(secret, `ACS3-HMAC-SHA256\n${sha256(canonical)}`).toString("hex");
  const authorization = `ACS3-HMAC-SHA256 Credential=${id},SignedHeaders=${names.join(";")},Signature=${signature}`;
  url.search = query(params);
  return new Request(url, { method: "POST", headers: { ...headers, authorization }, body });
}

/** The older RPC request with everything, signature included, in the form body. */
export function aliyunRpcRequest(
  base: string,
  action: string,
  params: Record<string, string>,
  { id = "sim-id", secret = "sim-secret", at = Date.now(), nonce = randomUUID() }: Credentials = {},
): Request {
  const all: Record<string, string> = {
    ...params,
    AccessKeyId: id,
    Action: action,
    Format: "JSON",
    SignatureMethod: "HMAC-SHA1",
    SignatureNonce: nonce,
    SignatureVersion: "1.0",
    Timestamp: `${new Date(at).toISOString().slice(0, 19)}Z`,
    Version: "2017-05-25",
  };
  const text = `POST&%2F&${strict(query(all))}`;
  const Signature = createHmac("sha1", `${secret}&`).update(text).digest("base64");
  return new Request(base, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", "x-acs-action": action },
    body: query({ ...all, Signature }),
  });
}

/** A TC3 request. */
export function tencentRequest(
  base: string,
  action: string,
  params: unknown,
  { id = "sim-id", secret = "sim-secret", at = Date.now() }: Credentials = {},
): Request {
  const url = new URL(base);
  const body = JSON.stringify(params);
  const timestamp = String(Math.floor(at / 1000));
  const date = new Date(at).toISOString().slice(0, 10);
  const canonical = `POST\n${url.pathname}\n\ncontent-type:application/json\nhost:${url.host}\n\ncontent-type;host\n${sha256(body)}`;
  const scope = `${date}/sms/tc3_request`;
  const key = hmac(hmac(hmac(`TC3${secret}`, date), "sms"), "tc3_request");
  const signature = hmac(
    key,
    `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`,
  ).toString("hex");
  return new Request(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-tc-action": action,
      "x-tc-version": "2021-01-11",
      "x-tc-region": "ap-guangzhou",
      "x-tc-timestamp": timestamp,
      authorization: `TC3-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=content-type;host, Signature=${signature}`,
    },
    body,
  });
}

// biome-ignore lint/suspicious/noExplicitAny: vendors' answers are asserted field by field.
export type Json = any;

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

  async control(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }> {
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
        code: await aliyun("0", "您的验证码为${code}，5分钟内有效。", { code: "numberCaptcha" }),
        notice: await aliyun("1", "${name}，您的订单${order}已发货。", { name: "name", order: "other_number2" }),
        international: await aliyun("3", "Hello ${name}!", { name: "name" }),
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
  readonly aliyun: { readonly code: string; readonly notice: string; readonly international: string };
  readonly tencent: { readonly code: string; readonly notice: string; readonly international: string };
}

export interface Receiver {
  readonly url: string;
  readonly bodies: Json[];
  /** What the next pushes are answered with. */
  answer: { status: number; body: string };
  close(): void;
}

/** A customer's callback endpoint that keeps what it is told. */
export async function startReceiver(acknowledgement: string): Promise<Receiver> {
  const bodies: Json[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      bodies.push(JSON.parse(text));
      response.writeHead(receiver.answer.status).end(receiver.answer.body);
    });
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", () => done());
  });
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/`,
    bodies,
    answer: { status: 200, body: acknowledgement },
    close: () => server.close(),
  };
  return receiver;
}

/** Sends a request over a bare socket and tells what came back before the peer closed it. */
export async function rawAnswer(request: Request): Promise<string> {
  const { hostname, port, pathname, search } = new URL(request.url);
  const body = await request.text();
  const headers = [...request.headers, ["content-length", String(Buffer.byteLength(body))]];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const socket = connect(Number(port), hostname);
  socket.write(`POST ${pathname}${search} HTTP/1.1\r\n${lines}\r\n${body}`);
  let answer = "";
  return new Promise((done) => {
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.on("error", () => done(answer));
    socket.on("close", () => done(answer));
  });
}
