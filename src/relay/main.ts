import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { providers } from "../providers/registry.ts";
import { parseRelayEnvironment } from "./environment.ts";
import { createRelay } from "./server.ts";

/** Longer than any request takes. */
const GRACE_MS = 16_000;

const endpoints = Object.values(providers).flatMap(({ endpoint, optOuts }) => [
  endpoint,
  ...(optOuts ? [optOuts.endpoint] : []),
]);
const parsed = parseRelayEnvironment(process.env, endpoints);
if (!parsed.ok) refuse(parsed.error);
const { secret, host, port, allowed, tls } = parsed.value;

const server = createRelay({
  secret,
  allowed,
  now: Date.now,
  log: (event) => console.log(JSON.stringify(event)),
  tls: tls && { cert: read(tls.cert), key: read(tls.key) },
});
server.once("error", (error) => refuse(error.message));
server.listen(port, host, () => {
  const { address, family, port: taken } = server.address() as AddressInfo;
  const origin = `${tls ? "https" : "http"}://${family === "IPv6" ? `[${address}]` : address}:${taken}`;
  console.log(`The relay listens on ${origin} and forwards to ${[...allowed].join(", ")}`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    setTimeout(() => process.exit(0), GRACE_MS).unref();
  });
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return refuse(`${path} can't be read`);
  }
}

function refuse(message: string): never {
  console.error(`relay: ${message}`);
  process.exit(1);
}
