import { isIP } from "node:net";
import { fail, ok, type Result } from "../lib/result.ts";
import { SHORTEST_RELAY_SECRET } from "../providers/signing/relay.ts";

/** What a relay is told when it starts, checked. */
export interface RelayEnvironment {
  readonly secret: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Origins that requests may go to. */
  readonly allowed: ReadonlySet<string>;
  /** Paths of PEM files; null where TLS ends in front of the relay. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads the variables; `endpoints` are allowed beside RELAY_ALLOW. The error is one line. */
export function parseRelayEnvironment(
  variables: Variables,
  endpoints: readonly string[],
): Result<RelayEnvironment, string> {
  const secret = variables.RELAY_SECRET ?? "";
  if (secret.length < SHORTEST_RELAY_SECRET || !/^[\x21-\x7e]+$/.test(secret)) {
    return fail(
      `RELAY_SECRET must be ${SHORTEST_RELAY_SECRET} or more printable ASCII characters without spaces`,
    );
  }
  const port = variables.RELAY_PORT || "8789";
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return fail(`RELAY_PORT must be a port up to 65535, not ${JSON.stringify(port)}`);
  }
  const host = variables.RELAY_HOST || "127.0.0.1";
  if (isIP(host) === 0 && host !== "localhost") {
    return fail(`RELAY_HOST must be an IP address or localhost, not ${JSON.stringify(host)}`);
  }
  const more = readOrigins(variables.RELAY_ALLOW ?? "");
  if (!more.ok) return more;
  const { RELAY_CERT: cert = "", RELAY_KEY: key = "" } = variables;
  if ((cert === "") !== (key === "")) return fail("RELAY_CERT and RELAY_KEY go together");
  return ok({
    secret,
    host,
    port: Number(port),
    allowed: new Set([...endpoints.map((one) => new URL(one).origin), ...more.value]),
    tls: cert === "" ? null : { cert, key },
  });
}

/** `host:port` stands for https; http has to be written out. */
function readOrigins(text: string): Result<readonly string[], string> {
  const origins: string[] = [];
  for (const entry of text.split(",").map((one) => one.trim())) {
    if (entry === "") continue;
    const written = entry.includes("://") ? entry : `https://${entry}`;
    const url = URL.canParse(written) ? new URL(written) : null;
    if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
      return fail(`RELAY_ALLOW must list host:port or origins, not ${JSON.stringify(entry)}`);
    }
    origins.push(url.origin);
  }
  return ok(origins);
}
