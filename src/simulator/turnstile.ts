import type { Carrier } from "./carrier.ts";
import { isRecord, parseJson } from "./vendors/vendor.ts";

/** Every token that starts so stands for a person, once. */
export const TOKEN_PREFIX = "sim-";

const LONGEST_TOKEN = 2_048;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ACTION = /^[\w-]{0,32}$/;
const CDATA = /^[\w-]{0,255}$/;

/**
 * Cloudflare's check of a Turnstile token, form or JSON.
 * https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
 */
export async function siteverify(
  request: Request,
  carrier: DurableObjectStub<Carrier>,
  now: number,
): Promise<Response> {
  const fields = await readFields(request);
  const { secret, response: token, idempotency_key: key = "" } = fields;
  if (!secret) return refusal("missing-input-secret");
  if (!token) return refusal("missing-input-response");
  if (key !== "" && !UUID.test(key)) return refusal("bad-request");
  const solved = token.length > LONGEST_TOKEN ? null : readToken(token);
  if (!solved) return refusal("invalid-input-response");
  const redeemed = await carrier.redeem(token, key);
  if (redeemed === "used") return refusal("timeout-or-duplicate");
  if (solved.silent === "always" || (solved.silent === "once" && redeemed === "first")) {
    return new Response("Service Unavailable", { status: 503 });
  }
  return Response.json({
    success: true,
    challenge_ts: new Date(now).toISOString(),
    hostname: "shop.example",
    "error-codes": [],
    action: solved.action,
    cdata: solved.cdata,
  });
}

/** What stands behind `?` in a token; null for one that no widget makes. */
function readToken(token: string) {
  const [name = "", query = ""] = token.split("?");
  const parameters = new URLSearchParams(query);
  const action = parameters.get("action") ?? "";
  const cdata = parameters.get("cdata") ?? "";
  const isToken = name.startsWith(TOKEN_PREFIX) && ACTION.test(action) && CDATA.test(cdata);
  return isToken ? { action, cdata, silent: parameters.get("silent") } : null;
}

const refusal = (code: string): Response =>
  Response.json({ success: false, "error-codes": [code], messages: [] });

interface Fields {
  readonly secret?: string;
  readonly response?: string;
  readonly idempotency_key?: string;
}

async function readFields(request: Request): Promise<Fields> {
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
