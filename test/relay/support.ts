import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Server as SocketServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { WireRequest } from "../../src/providers/provider.ts";
import { type RelayAccess, toRelay } from "../../src/providers/relay.ts";

export const SECRET = "the-secret-of-a-relay-0123456789abcdef";

const ROOT = join(import.meta.dirname, "../..");

const nonce = (): string => randomBytes(32).toString("hex");

export const access = (secret = SECRET, now = Date.now()): RelayAccess => ({
  secret,
  stamp: () => ({ now: new Date(now), nonce: nonce() }),
});

export interface RelayProcess {
  readonly origin: string;
  /** What it wrote, line by line. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** The program itself, with its own environment and a free port; what it says ends a failed start. */
export async function startRelay(environment: Record<string, string>): Promise<RelayProcess> {
  const child: ChildProcess = spawn(process.execPath, ["src/relay/main.ts"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, RELAY_SECRET: SECRET, RELAY_PORT: "0", ...environment },
  });
  const gone = once(child, "exit");
  const lines: string[] = [];
  const said = new Promise<string>((resolve, reject) => {
    const read = (line: string) => {
      lines.push(line);
      const origin = /listens on (\S+)/.exec(line)?.[1];
      if (origin) resolve(origin);
    };
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface(stream).on("line", read);
    }
    child.once("close", () => reject(new Error(lines.join("\n"))));
  });
  const origin = await said;
  const stop = async () => {
    child.kill("SIGTERM");
    await gone;
  };
  return { origin, lines, stop };
}

export interface Vendor {
  readonly origin: string;
  /** Requests that came in, headers as they were written. */
  readonly requests: readonly { readonly line: string; readonly headers: string[]; body: string }[];
  close(): void;
}

export async function listen(server: SocketServer): Promise<AddressInfo> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address() as AddressInfo;
}

/** A vendor that keeps what it is asked, and answers as told. */
export async function startVendor(answer: RequestListener, server?: Server): Promise<Vendor> {
  const requests: { line: string; headers: string[]; body: string }[] = [];
  const desk = server ?? createServer();
  desk.on("request", async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = request.rawHeaders;
    requests.push({
      line: `${request.method} ${request.url}`,
      headers: headers.flatMap((name: string, index: number) =>
        index % 2 === 0 ? [`${name}: ${headers[index + 1]}`] : [],
      ),
      body: Buffer.concat(chunks).toString("utf8"),
    });
    answer(request, response);
  });
  const { port } = await listen(desk);
  return {
    origin: `http${"setSecureContext" in desk ? "s" : ""}://127.0.0.1:${port}`,
    requests,
    close: () => {
      desk.closeAllConnections();
      desk.close();
    },
  };
}

/** Hands a relay what our side would hand it, or something near it. */
export async function ask(
  relay: { readonly origin: string },
  request: Partial<WireRequest>,
  { by = access(), headers = {} as Record<string, string>, body = "" } = {},
): Promise<Response> {
  const whole = { method: "POST", url: "", headers: {}, body: "", ...request } as WireRequest;
  const wired = toRelay(by, relay.origin, whole);
  return fetch(wired.url, {
    method: "POST",
    headers: { ...wired.headers, ...headers },
    body: body || wired.body,
    redirect: "manual",
  });
}
