import { createHash, createHmac } from "node:crypto";

export interface Acs3Request {
  readonly method: "GET" | "POST";
  readonly host: string;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names, without `host`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** RFC 3986: only letters, digits and `-._~` stay; a lone surrogate becomes U+FFFD instead of throwing. */
export const percentEncode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** The query as it is signed, and as it may go over the wire. */
export const canonicalQuery = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join("&");

/**
 * ACS3-HMAC-SHA256: gives back the request's headers with the payload's hash and `authorization`.
 * https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
 */
export function signAcs3(
  credentials: { readonly accessKeyId: string; readonly accessKeySecret: string },
  request: Acs3Request,
): Record<string, string> {
  const payloadHash = sha256(request.body);
  const headers = { ...request.headers, "x-acs-content-sha256": payloadHash };
  const signed = Object.entries({ ...headers, host: request.host })
    .filter(([name]) => name.startsWith("x-acs-") || name === "host" || name === "content-type")
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(";");

  const canonicalRequest = [
    request.method,
    // The vendor knows only `/`: a longer path is the prefix of a simulator before it.
    "/",
    canonicalQuery(request.query),
    ...signed.map(([name, value]) => `${name}:${value.trim()}`),
    "",
    names,
    payloadHash,
  ].join("\n");

  const signature = createHmac("sha256", credentials.accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonicalRequest)}`, "utf8")
    .digest("hex");
  return {
    ...headers,
    authorization: `ACS3-HMAC-SHA256 Credential=${credentials.accessKeyId},SignedHeaders=${names},Signature=${signature}`,
  };
}
