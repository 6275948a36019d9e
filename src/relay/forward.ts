import { Buffer } from "node:buffer";
import { type IncomingMessage, request as requestByHttp } from "node:http";
import { request as requestByHttps } from "node:https";
import { type Envelope, isOfTheConnection } from "./envelope.ts";

/** Headers and body of the vendor together. */
const TIMEOUT_MS = 15_000;
/** More than our side reads, so that it is ours to find an answer too long. */
const MAX_ANSWER_BYTES = 256 * 1024;

export interface VendorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string[]>>;
  readonly body: Buffer;
}

/** `unsent`: no byte of the request left. `unknown`: it may have arrived. */
export type Forwarded =
  | { readonly kind: "answered"; readonly answer: VendorAnswer }
  | { readonly kind: "unsent" | "unknown"; readonly cause: string };

/** Null when the answer is too long. */
async function readAnswer(incoming: IncomingMessage): Promise<VendorAnswer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) return null;
    chunks.push(chunk);
  }
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values]) =>
    !values || isOfTheConnection(name) || name.startsWith("x-relay-") ? [] : [[name, values]],
  );
  return {
    status: incoming.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
  };
}

const causeOf = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : "unknown";

/** Makes the request once, with no header but its own, and follows no redirect. Never throws. */
export function forward(envelope: Envelope, gone: AbortSignal): Promise<Forwarded> {
  const { url, method, headers, body } = envelope;
  const isTls = url.protocol === "https:";
  return new Promise((resolve) => {
    // Before a connection stands, TLS included, nothing is written to it.
    let sent = false;
    let answers = false;
    const lost = (cause: string) => resolve({ kind: sent ? "unknown" : "unsent", cause });

    const options = {
      method,
      headers: method === "GET" ? headers : { ...headers, "content-length": body.length },
      signal: AbortSignal.any([gone, AbortSignal.timeout(TIMEOUT_MS)]),
    };
    const outgoing = isTls ? requestByHttps(url, options) : requestByHttp(url, options);
    outgoing.once("socket", (socket) => {
      if (outgoing.reusedSocket || !socket.connecting) sent = true;
      else {
        socket.once(isTls ? "secureConnect" : "connect", () => {
          sent = true;
        });
      }
    });
    outgoing.once("response", (incoming) => {
      answers = true;
      readAnswer(incoming).then(
        (answer) =>
          answer
            ? resolve({ kind: "answered", answer })
            : resolve({ kind: "unknown", cause: "too-long" }),
        (error: unknown) => lost(causeOf(error)),
      );
    });
    outgoing.on("error", (error) => lost(causeOf(error)));
    // Closed with neither of the two: an upgrade that nobody asked for.
    outgoing.once("close", () => answers || lost("closed"));
    outgoing.end(method === "GET" ? undefined : body);
  });
}
