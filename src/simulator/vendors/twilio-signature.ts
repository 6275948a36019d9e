/** What Twilio signs: a caller's basic authentication checked, and its own callbacks signed. */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { secretOf } from "../accounts.ts";
import type { PushRequest } from "./vendor.ts";

/** The account that a request proves to be, or undefined. */
export function accountOf(headers: Headers): string | undefined {
  const token = /^Basic ([\w+/]+=*)$/.exec(headers.get("authorization") ?? "")?.[1];
  const pair = Buffer.from(token ?? "", "base64").toString("utf8");
  const colon = pair.indexOf(":");
  const account = pair.slice(0, colon);
  return colon > 0 && secretOf(account) === pair.slice(colon + 1) ? account : undefined;
}

/**
 * A form to the callback with its signature: HMAC-SHA1 of the URL and the sorted fields.
 * https://www.twilio.com/docs/usage/security
 */
export function signedForm(
  url: string,
  fields: Readonly<Record<string, string>>,
  account: string,
): PushRequest {
  const sorted = Object.keys(fields)
    .sort()
    .map((name) => `${name}${fields[name]}`);
  const hmac = createHmac("sha1", secretOf(account) ?? "").update(url + sorted.join(""), "utf8");
  return {
    method: "POST",
    url,
    headers: {
      "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
      "user-agent": "TwilioProxy/1.1",
      "x-twilio-signature": hmac.digest("base64"),
    },
    body: new URLSearchParams(fields).toString(),
  };
}
