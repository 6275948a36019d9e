import { fail, ok, type Result } from "../lib/result.ts";
import { alert, failover, rejection } from "./codes.ts";
import type { Outcome, Stamp, WireRequest, WireResponse } from "./provider.ts";
import { digestOf, RELAY_HEADERS, signRelayPass } from "./signing/relay.ts";

/** What makes a relay take our requests; its clock is the wall's, whatever ours says. */
export interface RelayAccess {
  readonly secret: string;
  readonly stamp: () => Stamp;
}

/** A relay's own word that nothing was sent, or that we have no secret for it. */
export type RelayRefusal = `relay-${string}`;

/** The request in an envelope for the relay, which makes it again byte for byte. */
export function toRelay(access: RelayAccess, relay: string, request: WireRequest): WireRequest {
  const { now, nonce } = access.stamp();
  const { method, url, headers, body } = request;
  const envelope = JSON.stringify({ method, url, headers, body });
  const pass = { timestamp: String(now.getTime()), nonce, digest: digestOf(envelope) };
  return {
    method: "POST",
    url: `${relay}/forward`,
    headers: {
      "content-type": "application/json",
      [RELAY_HEADERS.timestamp]: pass.timestamp,
      [RELAY_HEADERS.nonce]: pass.nonce,
      [RELAY_HEADERS.digest]: pass.digest,
      [RELAY_HEADERS.signature]: signRelayPass(access.secret, pass),
    },
    body: envelope,
  };
}

/** The vendor's answer. What neither vendor nor relay marked, as of a proxy between, is none. */
export function fromRelay(
  response: WireResponse,
): Result<WireResponse, RelayRefusal | "no-answer"> {
  const why = response.headers[RELAY_HEADERS.error];
  const refusal: RelayRefusal | null =
    why !== undefined && /^[a-z][a-z-]{0,39}$/.test(why) ? `relay-${why}` : null;
  if (refusal) return fail(refusal);
  return response.headers[RELAY_HEADERS.answer] === "vendor" ? ok(response) : fail("no-answer");
}

export const isRelayRefusal = (failure: string): failure is RelayRefusal =>
  failure.startsWith("relay-");

/** Nothing was sent: the vendor could not be reached, or an operator has to look at the relay. */
export const relayRejection = (refusal: RelayRefusal): Outcome =>
  refusal === "relay-vendor-unreachable"
    ? rejection(failover("provider-fault"), refusal, "")
    : rejection(alert(failover("account-config")), refusal, "");
