/** Names of one's own machine, which a browser may show instead of each other. */
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** The origins that the console is served on: on one's own machine under each of its names. */
export function ownOrigins(publicOrigin: string): readonly string[] {
  const url = new URL(publicOrigin);
  if (!LOOPBACK.includes(url.hostname)) return [url.origin];
  const port = url.port === "" ? "" : `:${url.port}`;
  return LOOPBACK.map((name) => `${url.protocol}//${name}${port}`);
}

/**
 * Whether a request that a browser signs by itself, with a cookie, comes from a page of ours. Its
 * content type says nothing: other sites can send JSON too.
 */
export function isFromOwnPage(headers: Headers, origins: readonly string[]): boolean {
  const origin = headers.get("Origin");
  if (origin !== null) return origins.includes(origin);
  return headers.get("Sec-Fetch-Site") === "same-origin";
}
