import type { Carrier } from "./carrier.ts";
import { isRecord, parseJson } from "./vendors/vendor.ts";

/** Every token that starts so stands for a person, once. */
export const TOKEN_PREFIX = "sim-";

const LONGEST_TOKEN = 2_048;

/**
 * Cloudflare's check of a Turnstile token, form or JSON.
 * https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
 */
export async function siteverify(
  request: Request,
  carrier: DurableObjectStub<Carrier>,
  now: number,
): Promise<Response> {
  const { secret, response: token } = await readFields(request);
  if (!secret) return refusal("missing-input-secret");
  if (!token) return refusal("missing-input-response");
  if (!token.startsWith(TOKEN_PREFIX) || token.length > LONGEST_TOKEN) {
    return refusal("invalid-input-response");
  }
  if (!(await carrier.redeem(token))) return refusal("timeout-or-duplicate");
  return Response.json({
    success: true,
    challenge_ts: new Date(now).toISOString(),
    hostname: "shop.example",
    "error-codes": [],
    action: "",
    cdata: "",
  });
}

const refusal = (code: string): Response =>
  Response.json({ success: false, "error-codes": [code], messages: [] });

async function readFields(request: Request): Promise<{ secret?: string; response?: string }> {
  const type = request.headers.get("content-type") ?? "";
  if (type.includes("json")) {
    const body = parseJson(await request.text());
    return isRecord(body) ? body : {};
  }
  if (type.includes("multipart/form-data")) {
    return Object.fromEntries([...(await request.formData())].map(([k, v]) => [k, String(v)]));
  }
  return Object.fromEntries(new URLSearchParams(await request.text()));
}
