import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { parse, stringify } from "node:querystring";

/** Each name with its distinct values, all sorted by code unit and without separators. */
function signedFields(form: URLSearchParams): string {
  const names = [...new Set(form.keys())].sort();
  return names
    .flatMap((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value))
    .join("");
}

/** The `X-Twilio-Signature` of a form posted to `url`. https://www.twilio.com/docs/usage/security */
export const signTwilio = (authToken: string, url: string, form: URLSearchParams): string =>
  createHmac("sha1", authToken)
    .update(url + signedFields(form), "utf8")
    .digest("base64");

const withPort = (url: string, port: string): string =>
  url.replace(/^(\w+:\/\/[^/?#]*?)(?::\d+)?(?=[/?#]|$)/, `$1${port}`);

function withLegacyQuery(url: string): string {
  const [base = "", query] = url.split(/\?(.*)/s);
  return query ? `${base}?${stringify(parse(query))}` : url;
}

/** Twilio is not consistent about the port and the escapes of the URL that it signs. */
function spellings(url: string): ReadonlySet<string> {
  const { href, protocol } = new URL(url);
  const standardPort = protocol === "https:" ? ":443" : ":80";
  const urls = [url, href].flatMap((each) => [
    each,
    withPort(each, ""),
    withPort(each, standardPort),
  ]);
  return new Set(urls.flatMap((each) => [each, withLegacyQuery(each)]));
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one, "utf8"), Buffer.from(other, "utf8")];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Whether the token signed this form, by any spelling of the URL that Twilio may have meant. */
export function isTwilioSignature(
  authToken: string,
  signature: string,
  url: string,
  form: URLSearchParams,
): boolean {
  if (!URL.canParse(url)) return false;
  return [...spellings(url)].some((each) => isSame(signTwilio(authToken, each, form), signature));
}
