import { isIP } from "node:net";
import { resolve } from "node:path";
import { fail, ok, type Result } from "../lib/result.ts";

/** Everything `npm start` reads from its environment, checked; the state directory is absolute. */
export type Environment = {
  readonly host: string;
  readonly port: number;
  readonly simulatorPort: number | undefined;
  readonly stateDirectory: string;
  readonly publicOrigin: string;
  readonly simulatorOrigin: string | undefined;
  readonly trustedProxy: string;
  readonly localTargets: readonly string[];
  /** What the relays of accounts know us by; empty where there are none. */
  readonly relaySecret: string;
  /** Both empty: challenges are proofs of work. */
  readonly turnstileSiteKey: string;
  readonly turnstileSecret: string;
  readonly clockOffsetSeconds: number;
  readonly logLevel: LogLevel;
};

export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Variables = Readonly<Record<string, string | undefined>>;

class Refusal extends Error {}

/** Reads the variables; the error is one line for a person. `directory` anchors a relative STATE_DIR. */
export function parseEnvironment(
  variables: Variables,
  directory: string,
): Result<Environment, string> {
  try {
    return ok(readEnvironment(variables, directory));
  } catch (error) {
    if (error instanceof Refusal) return fail(error.message);
    throw error;
  }
}

function readEnvironment(variables: Variables, directory: string): Environment {
  const host = readHost(variables.HOST || "127.0.0.1");
  const port = readPort("PORT", variables.PORT || "8787");
  // An empty SIMULATOR_PORT is a choice: real provider accounts only.
  const simulatorPort =
    variables.SIMULATOR_PORT === ""
      ? undefined
      : readPort("SIMULATOR_PORT", variables.SIMULATOR_PORT ?? "8788");
  if (simulatorPort === port) throw new Refusal(`PORT and SIMULATOR_PORT are both ${port}`);
  const simulatorOrigin =
    simulatorPort === undefined ? undefined : httpOrigin(reachableHost(host), simulatorPort);
  return {
    host,
    port,
    simulatorPort,
    stateDirectory: resolve(directory, variables.STATE_DIR || ".hongyan"),
    publicOrigin: variables.PUBLIC_ORIGIN
      ? readOrigin(variables.PUBLIC_ORIGIN)
      : httpOrigin(reachableHost(host), port),
    simulatorOrigin,
    trustedProxy: readTrustedProxy(variables.TRUSTED_PROXY || "none"),
    localTargets: [
      ...readTargets(variables.ALLOW_LOCAL_TARGETS ?? ""),
      ...(simulatorOrigin === undefined ? [] : [new URL(simulatorOrigin).host]),
    ],
    relaySecret: readRelaySecret(variables.RELAY_SECRET ?? ""),
    turnstileSiteKey: variables.TURNSTILE_SITE_KEY ?? "",
    turnstileSecret: variables.TURNSTILE_SECRET ?? "",
    clockOffsetSeconds: readOffset(variables.CLOCK_OFFSET_SECONDS || "0"),
    logLevel: readLogLevel(variables.LOG_LEVEL || "error"),
  };
}

function readPort(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) {
    throw new Refusal(`${name} must be a port from 1 to 65535, not ${JSON.stringify(text)}`);
  }
  return port;
}

function readHost(text: string): string {
  if (isIP(text) === 0 && text !== "localhost") {
    throw new Refusal(`HOST must be an IP address or localhost, not ${JSON.stringify(text)}`);
  }
  return text;
}

function readOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || `${url.origin}/` !== url.href) {
    throw new Refusal(
      `PUBLIC_ORIGIN must be an origin such as https://sms.example, not ${JSON.stringify(text)}`,
    );
  }
  return url.origin;
}

function readTrustedProxy(text: string): string {
  if (!/^(none|cloudflare|header:[A-Za-z0-9-]+)$/.test(text)) {
    throw new Refusal(
      `TRUSTED_PROXY must be none, cloudflare or header:<name>, not ${JSON.stringify(text)}`,
    );
  }
  return text;
}

function readTargets(text: string): string[] {
  const targets = text.split(",").map((target) => target.trim());
  return targets.filter(Boolean).map((target) => {
    const port = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(target)?.[1];
    if (port === undefined || !URL.canParse(`http://${target}`)) {
      throw new Refusal(`ALLOW_LOCAL_TARGETS must list host:port, not ${JSON.stringify(target)}`);
    }
    return target.toLowerCase();
  });
}

/** The refusal repeats none of it. */
function readRelaySecret(text: string): string {
  if (text !== "" && !/^[\x21-\x7e]{32,}$/.test(text)) {
    throw new Refusal("RELAY_SECRET must be 32 or more printable ASCII characters without spaces");
  }
  return text;
}

function readOffset(text: string): number {
  if (!/^-?\d{1,10}$/.test(text)) {
    throw new Refusal(`CLOCK_OFFSET_SECONDS must be whole seconds, not ${JSON.stringify(text)}`);
  }
  return Number(text);
}

function readLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((candidate) => candidate === text);
  if (level === undefined) {
    throw new Refusal(
      `LOG_LEVEL must be one of ${LOG_LEVELS.join(", ")}, not ${JSON.stringify(text)}`,
    );
  }
  return level;
}

/** `host:port` as URLs and workerd write it, IPv6 in brackets. */
export function socketAddress(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** Where this machine itself reaches a socket bound to `host`: the wildcards are no destination. */
export function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

/** The plain-HTTP origin of a socket. */
export function httpOrigin(host: string, port: number): string {
  return `http://${socketAddress(host, port)}`;
}
