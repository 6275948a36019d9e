import { z } from "zod";
import { credential, qualificationId } from "./credentials.ts";
import type { Stamp, WireRequest, WireResponse } from "./provider.ts";
import { signTc3 } from "./signing/tc3.ts";
import { asObject, parseObject, vendorRoot } from "./wire.ts";

export const Credentials = z.strictObject({
  secret_id: credential,
  secret_key: credential,
  sdk_app_id: credential,
  qualification_id: qualificationId.optional(),
});
export type Credentials = z.infer<typeof Credentials>;

const CONTENT_TYPE = "application/json";

export function call(
  credentials: Credentials,
  endpoint: string,
  action: string,
  parameters: Readonly<Record<string, unknown>>,
  stamp: Stamp,
): WireRequest {
  const { url, host } = vendorRoot(endpoint);
  const body = JSON.stringify(parameters);
  const timestampSeconds = Math.floor(stamp.now.getTime() / 1000);
  return {
    method: "POST",
    url,
    headers: {
      "content-type": CONTENT_TYPE,
      "x-tc-action": action,
      "x-tc-version": "2021-01-11",
      // The messages' own region; the same for every regional host.
      "x-tc-region": "ap-guangzhou",
      "x-tc-timestamp": String(timestampSeconds),
      authorization: signTc3(
        { secretId: credentials.secret_id, secretKey: credentials.secret_key },
        { host, service: "sms", contentType: CONTENT_TYPE, timestampSeconds, body },
      ),
    },
    body,
  };
}

/** What stands in the envelope; undefined for anything that is no answer of the vendor's. */
export const readAnswer = (response: WireResponse) =>
  asObject(parseObject(response.body)?.Response);
