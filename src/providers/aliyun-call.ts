import { z } from "zod";
import { readCode } from "./codes.ts";
import { credential, qualificationId } from "./credentials.ts";
import type { Stamp, WireRequest, WireResponse } from "./provider.ts";
import { canonicalQuery, signAcs3 } from "./signing/acs3.ts";
import { parseObject, vendorRoot } from "./wire.ts";

export const Credentials = z.strictObject({
  access_key_id: credential,
  access_key_secret: credential,
  qualification_id: qualificationId.optional(),
});
export type Credentials = z.infer<typeof Credentials>;

type Fields = Readonly<Record<string, string>>;

/** A form as the vendor's SDK writes it: a space is `%20`, and `!'()*` stay. */
const formOf = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
    .join("&");

/** A signed call; the few operations that take a form say so in their definition. */
export function call(
  credentials: Credentials,
  endpoint: string,
  action: string,
  fields: { readonly query: Fields; readonly form?: Fields },
  stamp: Stamp,
): WireRequest {
  const { url, host } = vendorRoot(endpoint);
  const { query, form } = fields;
  const body = form ? formOf(form) : "";
  const headers = {
    accept: "application/json",
    ...(form && { "content-type": "application/x-www-form-urlencoded" }),
    "x-acs-action": action,
    "x-acs-version": "2017-05-25",
    "x-acs-date": stamp.now.toISOString().replace(/\.\d{3}Z$/, "Z"),
    "x-acs-signature-nonce": stamp.nonce,
  };
  const { access_key_id: accessKeyId, access_key_secret: accessKeySecret } = credentials;
  return {
    method: "POST",
    url: `${url}?${canonicalQuery(query)}`,
    headers: signAcs3(
      { accessKeyId, accessKeySecret },
      { method: "POST", host, query, headers, body },
    ),
    body,
  };
}

/** Mainland numbers as eleven digits, others as country code and number. */
export const vendorNumber = (e164: string): string => e164.replace(/^\+(86)?/, "");

/** The vendor drops both `+` and 86; eleven digits from 13 to 19 are read as a mainland mobile. */
export const toE164 = (digits: string): string =>
  /^1[3-9]\d{9}$/.test(digits) ? `+86${digits}` : `+${digits}`;

/** Business errors write `Code`, the gateway's may write `code`. */
export function readReply(response: WireResponse) {
  const body = parseObject(response.body);
  const code = readCode(body?.Code ?? body?.code);
  return body && code ? { body, code, message: body.Message ?? body.message } : undefined;
}
