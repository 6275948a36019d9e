import { createHash, createHmac } from "node:crypto";

export interface Tc3Request {
  readonly host: string;
  /** The product's name, the same at every regional host: `sms`. */
  readonly service: string;
  /** Byte for byte what the `content-type` header says. */
  readonly contentType: string;
  readonly timestampSeconds: number;
  readonly body: string;
}

const hmac = (key: string | Uint8Array, text: string) =>
  createHmac("sha256", key).update(text, "utf8").digest();

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/**
 * TC3-HMAC-SHA256 of a POST: the value of its `authorization` header.
 * https://cloud.tencent.com/document/api/306/57449
 */
export function signTc3(
  credentials: { readonly secretId: string; readonly secretKey: string },
  request: Tc3Request,
): string {
  const names = "content-type;host";
  const canonicalRequest = [
    "POST",
    // The vendor knows only `/`: a longer path is the prefix of a relay or simulator before it.
    "/",
    "",
    `content-type:${request.contentType}`,
    `host:${request.host}`,
    "",
    names,
    sha256(request.body),
  ].join("\n");

  const date = new Date(request.timestampSeconds * 1000).toISOString().slice(0, 10);
  const scope = `${date}/${request.service}/tc3_request`;
  const stringToSign = [
    "TC3-HMAC-SHA256",
    request.timestampSeconds,
    scope,
    sha256(canonicalRequest),
  ].join("\n");

  const dateKey = hmac(`TC3${credentials.secretKey}`, date);
  const signingKey = hmac(hmac(dateKey, request.service), "tc3_request");
  const signature = hmac(signingKey, stringToSign).toString("hex");
  return `TC3-HMAC-SHA256 Credential=${credentials.secretId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}
