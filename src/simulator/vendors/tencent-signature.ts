/**
 * Tencent Cloud API 3.0 signatures, TC3-HMAC-SHA256, checked.
 * https://www.tencentcloud.com/document/product/382/40467
 */
import { createHash, createHmac } from "node:crypto";
import { fail, ok, type Result } from "../../lib/result.ts";
import { secretOf } from "../accounts.ts";
import type { Call, Incoming } from "./vendor.ts";

const SKEW_SECONDS = 300;
const AUTHORIZATION =
  /^TC3-HMAC-SHA256 Credential=([^/\s]+)\/(\d{4}-\d{2}-\d{2})\/([a-z]+)\/tc3_request, ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/;

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text, "utf8").digest();

/** The TC3 signature, in lower-case hex. */
export function tc3Signature(
  request: {
    method: string;
    path: string;
    query: string;
    headers: readonly (readonly [string, string])[];
    body: string;
    timestamp: string;
    date: string;
    service: string;
  },
  secret: string,
): string {
  const { method, path, query, headers, body, timestamp, date, service } = request;
  const lines = headers.map(([name, value]) => `${name}:${value.trim()}\n`).join("");
  const names = headers.map(([name]) => name).join(";");
  const canonical = [method, path, query, lines, names, sha256(body)].join("\n");
  const scope = `${date}/${service}/tc3_request`;
  const text = ["TC3-HMAC-SHA256", timestamp, scope, sha256(canonical)].join("\n");
  const key = hmac(hmac(hmac(`TC3${secret}`, date), service), "tc3_request");
  return hmac(key, text).toString("hex");
}

/** The call a request makes, or Tencent's error code. */
export function checkTencentSignature(incoming: Incoming, now: number): Result<Call, string> {
  const { headers, method, url, body } = incoming;
  const match = AUTHORIZATION.exec(headers.get("authorization") ?? "");
  if (match === null) return fail("AuthFailure.InvalidAuthorization");
  const [, account = "", date = "", service = "", names = "", signature = ""] = match;
  const secret = secretOf(account);
  if (secret === undefined) return fail("AuthFailure.SecretIdNotFound");
  const timestamp = headers.get("x-tc-timestamp") ?? "";
  const seconds = /^\d+$/.test(timestamp) ? Number(timestamp) : 0;
  if (Math.abs(seconds - now / 1000) > SKEW_SECONDS) return fail("AuthFailure.SignatureExpire");

  const signedNames = names.split(";");
  const isScoped =
    service === "sms" &&
    date === new Date(seconds * 1000).toISOString().slice(0, 10) &&
    ["content-type", "host"].every((name) => signedNames.includes(name));
  if (!isScoped) return fail("AuthFailure.SignatureFailure");
  // Tencent's own examples lower-case the action when they sign it.
  const signed = signedNames.map((name): [string, string] => {
    const value = headers.get(name) ?? "";
    return [name, name === "x-tc-action" ? value.toLowerCase() : value];
  });
  const query = url.search.slice(1);
  // A relay signs the vendor's own path, a direct caller the one it calls here.
  const matches = [url.pathname, incoming.path].some((path) => {
    const request = { method, path, query, headers: signed, body, timestamp, date, service };
    return tc3Signature(request, secret) === signature;
  });
  if (!matches) return fail("AuthFailure.SignatureFailure");
  return ok({
    account,
    action: headers.get("x-tc-action") ?? "",
    params: { body, version: headers.get("x-tc-version") ?? "" },
  });
}
