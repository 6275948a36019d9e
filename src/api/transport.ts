import { type Problem, problem } from "./problem.ts";

/** Paths that are a credential themselves: whoever has such a URL may post to it. */
const SECRET_PATHS = /^\/(webhooks|hooks)\//;

/** Each proxy on the way adds what it was asked by: one stretch in clear was enough to be read. */
const cameInClear = (protocols: string): boolean =>
  protocols.split(",").some((one) => one.trim().toLowerCase() === "http");

const isPlain = ({ url, headers }: Request): boolean =>
  new URL(url).protocol === "http:" ||
  cameInClear(headers.get("X-Forwarded-Proto") ?? "") ||
  /"scheme"\s*:\s*"http"/.test(headers.get("CF-Visitor") ?? "");

/** A body may hold a password or an invitation. */
const mayHoldSecret = ({ method, url, headers }: Request): boolean =>
  !["GET", "HEAD", "OPTIONS"].includes(method) ||
  headers.has("Authorization") ||
  headers.has("Cookie") ||
  SECRET_PATHS.test(new URL(url).pathname);

/** Refuses what came unencrypted with a secret, before anything of it is read. */
export const refusePlain = (request: Request): Problem | null =>
  isPlain(request) && mayHoldSecret(request)
    ? problem("forbidden", "Send it by https, with another key: this one went unencrypted.")
    : null;
