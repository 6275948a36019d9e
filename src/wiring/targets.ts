import type { Config } from "../config.ts";
import { dnsOverHttps } from "../lib/dns.ts";
import { readLocalTargets, type TargetRules } from "../lib/target.ts";

const NAME_SERVER = "https://cloudflare-dns.com/dns-query";

/**
 * Where requests to addresses that users gave may go. A machine of one's own may be cut off from
 * that name server, and needs none to start: there names are judged by their spelling alone.
 */
export const targetRules = (
  config: Config,
  fetch: (url: string, init: RequestInit) => Promise<Response>,
): TargetRules => ({
  localTargets: readLocalTargets(config.ALLOW_LOCAL_TARGETS),
  ownHost: new URL(config.PUBLIC_ORIGIN).hostname,
  resolve: config.RUNS_ON === "cloudflare" ? dnsOverHttps(fetch, NAME_SERVER) : null,
});
