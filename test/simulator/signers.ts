import { createHash, createHmac, randomUUID } from "node:crypto";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();

const strict = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

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
