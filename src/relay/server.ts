import { Buffer } from "node:buffer";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { fail, ok, type Result } from "../lib/result.ts";
import { digestOf, RELAY_HEADERS } from "../providers/signing/relay.ts";
import { Doorkeeper } from "./doorkeeper.ts";
import { type Envelope, isAllowed, readEnvelope } from "./envelope.ts";
import { forward } from "./forward.ts";
import { isDefinite, REFUSALS, type Refusal } from "./refusal.ts";

/** A batch of 200 texts of 500 characters, each escaped to nine bytes, fits. */
const MAX_BODY_BYTES = 1024 * 1024;

const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  // Longer than those who call keep a connection: closed by us, it could lose a request just sent.
  keepAliveTimeout: 75_000,
};

export interface RelayOptions {
  readonly secret: string;
  readonly allowed: ReadonlySet<string>;
  readonly now: () => number;
  /** Takes an event with its facts; there is nothing of a message among them. */
  readonly log: (event: Readonly<Record<string, unknown>>) => void;
  /** PEM. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
}

async function readBody(
  request: IncomingMessage,
  digest: string,
): Promise<Result<string, Refusal>> {
  if (Number(request.headers["content-length"]) > MAX_BODY_BYTES) return fail("too-large");
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return fail("too-large");
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  return digestOf(body) === digest ? ok(body.toString("utf8")) : fail("bad-signature");
}

/** A relay that does not listen yet. */
export function createRelay(options: RelayOptions): Server {
  const { allowed, now, log, tls } = options;
  const doorkeeper = new Doorkeeper(options.secret, now());

  async function receive(request: IncomingMessage): Promise<Result<Envelope, Refusal>> {
    if (request.method !== "POST" || request.url !== "/forward") return fail("not-found");
    const digest = doorkeeper.admit(request.headers, now());
    if (!digest.ok) return digest;
    const body = await readBody(request, digest.value);
    if (!body.ok) return body;
    const envelope = readEnvelope(body.value);
    if (!envelope) return fail("bad-envelope");
    return isAllowed(envelope.url, allowed) ? ok(envelope) : fail("target-not-allowed");
  }

  function refuse(response: ServerResponse, refusal: Refusal, facts: object): void {
    log({ event: "refused", refusal, ...facts });
    response.writeHead(REFUSALS[refusal], {
      "content-type": "text/plain",
      ...(isDefinite(refusal) && { [RELAY_HEADERS.error]: refusal }),
    });
    response.end(refusal);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "GET" && request.url === "/healthz") {
      response.writeHead(200, { "content-type": "application/json" }).end('{"status":"ok"}');
      return;
    }
    const received = await receive(request);
    if (!received.ok) {
      return refuse(response, received.error, { from: request.socket.remoteAddress });
    }
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const { origin } = received.value.url;
    const forwarded = await forward(received.value, gone.signal);
    if (forwarded.kind === "answered") {
      const { status, headers, body } = forwarded.answer;
      const own = { "content-length": body.length, [RELAY_HEADERS.answer]: "vendor" };
      response.writeHead(status, { ...headers, ...own }).end(body);
      return;
    }
    const { kind, cause } = forwarded;
    if (kind === "unsent") return refuse(response, "vendor-unreachable", { origin, cause });
    log({ event: "no-answer", origin, cause });
    response.writeHead(504, { "content-type": "text/plain" }).end("no-answer");
  }

  const listener: RequestListener = (request, response) => {
    handle(request, response).catch((error: unknown) => {
      log({ event: "failed", name: error instanceof Error ? error.name : "unknown" });
      response.destroy();
    });
  };
  return tls
    ? createTlsServer({ ...TIMEOUTS, cert: tls.cert, key: tls.key }, listener)
    : createServer(TIMEOUTS, listener);
}
