import { Buffer } from "node:buffer";

/** What opens an account: its own pair, or a key's. */
export interface Opener {
  readonly account_sid: string;
  readonly auth_token: string;
  readonly api_key_sid?: string | undefined;
  readonly api_key_secret?: string | undefined;
}

/** The headers of every call of an account. */
export function headersOf({ account_sid, auth_token, api_key_sid, api_key_secret }: Opener) {
  const pair = `${api_key_sid ?? account_sid}:${api_key_secret ?? auth_token}`;
  return {
    accept: "application/json",
    authorization: `Basic ${Buffer.from(pair, "utf8").toString("base64")}`,
  };
}

/** Spaces as `%20`, as the vendor's SDK writes them; a field may come several times. */
export const encodeForm = (
  fields: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
): string =>
  new URLSearchParams(Array.isArray(fields) ? fields.map(([name, value]) => [name, value]) : fields)
    .toString()
    .replaceAll("+", "%20");
