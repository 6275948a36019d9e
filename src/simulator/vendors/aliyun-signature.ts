/**
 * Alibaba Cloud gateway signatures, checked: ACS3-HMAC-SHA256 and the older RPC style 1.0.
 * https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
 */
import { createHash, createHmac } from "node:crypto";
import { fail, ok, type Result } from "../../lib/result.ts";
import { secretOf } from "../accounts.ts";
import type { Call, Incoming } from "./vendor.ts";

const SKEW_MS = 15 * 60_000;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const AUTHORIZATION =
  /^ACS3-HMAC-SHA256 Credential=([^,\s]+),SignedHeaders=([^,\s]+),Signature=([0-9a-f]{64})$/;
const MUST_BE_SIGNED = [
  "host",
  "x-acs-action",
  "x-acs-content-sha256",
  "x-acs-date",
  "x-acs-signature-nonce",
  "x-acs-version",
];

export type Pairs = readonly (readonly [string, string])[];

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const canonical = (pairs: Pairs): string =>
  pairs
    .map(([name, value]) => [name, `${encode(name)}=${encode(value)}`] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, pair]) => pair)
    .join("&");

/** The ACS3 signature, in lower-case hex. */
export function acs3Signature(
  request: {
    method: string;
    path: string;
    query: Pairs;
    headers: Pairs;
    payloadHash: string;
  },
  secret: string,
): string {
  const lines = request.headers.map(([name, value]) => `${name}:${value.trim()}\n`).join("");
  const names = request.headers.map(([name]) => name).join(";");
  const { method, path, query, payloadHash } = request;
  const text = [method, path, canonical(query), lines, names, payloadHash].join("\n");
  return createHmac("sha256", secret)
    .update(`ACS3-HMAC-SHA256\n${sha256(text)}`)
    .digest("hex");
}

/** The RPC 1.0 signature in base64; `params` are query and form together. */
export function rpcSignature(method: string, params: Pairs, secret: string): string {
  const signed = canonical(params.filter(([name]) => name !== "Signature"));
  return createHmac("sha1", `${secret}&`)
    .update(`${method}&%2F&${encode(signed)}`)
    .digest("base64");
}

const isFresh = (time: string, now: number): boolean =>
  TIME.test(time) && Math.abs(Date.parse(time) - now) <= SKEW_MS;

function formPairs(incoming: Incoming): Pairs {
  const type = incoming.headers.get("content-type") ?? "";
  return type.includes("x-www-form-urlencoded") ? [...new URLSearchParams(incoming.body)] : [];
}

function checkAcs3(incoming: Incoming, now: number, params: Pairs): Result<Call, string> {
  const { headers, method, url } = incoming;
  const [, account, names, signature] =
    AUTHORIZATION.exec(headers.get("authorization") ?? "") ?? [];
  if (account === undefined || names === undefined) return fail("IncompleteSignature");
  const secret = secretOf(account);
  if (secret === undefined) return fail("InvalidAccessKeyId.NotFound");
  if (!isFresh(headers.get("x-acs-date") ?? "", now)) return fail("InvalidTimeStamp.Expired");

  const signedNames = names.split(";");
  const payloadHash = sha256(incoming.body);
  const isComplete = MUST_BE_SIGNED.every((name) => signedNames.includes(name));
  if (!isComplete || headers.get("x-acs-content-sha256") !== payloadHash) {
    return fail("SignatureDoesNotMatch");
  }
  const signed = signedNames.map((name): [string, string] => [name, headers.get(name) ?? ""]);
  const query = [...url.searchParams];
  // A relay signs the vendor's own path, a direct caller the one it calls here.
  const matches = [url.pathname, incoming.path].some(
    (path) =>
      acs3Signature({ method, path, query, headers: signed, payloadHash }, secret) === signature,
  );
  if (!matches) return fail("SignatureDoesNotMatch");
  return ok({
    account,
    action: headers.get("x-acs-action") ?? "",
    params: { ...Object.fromEntries(params), Version: headers.get("x-acs-version") ?? "" },
    nonce: headers.get("x-acs-signature-nonce") ?? "",
  });
}

function checkRpc(incoming: Incoming, now: number, pairs: Pairs): Result<Call, string> {
  const params = Object.fromEntries(pairs);
  const { AccessKeyId: account, Signature: signature, SignatureNonce: nonce } = params;
  if (account === undefined) return fail("MissingAccessKeyId");
  const secret = secretOf(account);
  if (secret === undefined) return fail("InvalidAccessKeyId.NotFound");
  if (!isFresh(params.Timestamp ?? "", now)) return fail("InvalidTimeStamp.Expired");
  const isVersionOne = params.SignatureMethod === "HMAC-SHA1" && params.SignatureVersion === "1.0";
  if (!isVersionOne || nonce === undefined) return fail("IncompleteSignature");
  if (rpcSignature(incoming.method, pairs, secret) !== signature) {
    return fail("SignatureDoesNotMatch");
  }
  return ok({ account, action: params.Action ?? "", params, nonce });
}

/** The call a request makes, or the gateway's error code. */
export function checkAliyunSignature(incoming: Incoming, now: number): Result<Call, string> {
  const pairs = [...incoming.url.searchParams, ...formPairs(incoming)];
  return incoming.headers.has("authorization")
    ? checkAcs3(incoming, now, pairs)
    : checkRpc(incoming, now, pairs);
}
