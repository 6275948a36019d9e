import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Json } from "./client.ts";

export const temporaryDirectory = (): string => mkdtempSync(join(tmpdir(), "hongyan-simulator-"));

export interface Simulator {
  readonly url: string;
  /** SIGKILL to workerd and its starter at once. */
  kill(): Promise<void>;
  /** Kills it and deletes its state. */
  discard(): Promise<void>;
}

export async function startSimulator(state: string, clockOffsetSeconds = 0): Promise<Simulator> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "launch.ts"), state], {
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, CLOCK_OFFSET_SECONDS: String(clockOffsetSeconds) },
  });
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  for await (const line of createInterface(child.stdout)) {
    const url = /listening on (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    const kill = async () => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      await exited;
    };
    return {
      url,
      kill,
      discard: async () => {
        await kill();
        rmSync(state, { recursive: true, force: true });
      },
    };
  }
  throw new Error("the simulator ended before it listened");
}

export const pause = (ms: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, ms);
  });

/** Asks again every 20 ms until the answer holds; fails the test after `withinMs`. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  holds: (answer: T) => boolean,
  withinMs = 4_000,
): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > until) throw new Error(`never held; last: ${JSON.stringify(answer)}`);
    await pause(20);
  }
}

/** A push as it came in; `url` is the whole one. */
export interface Pushed {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly pushes: Pushed[];
  /** Of the pushes that were JSON. */
  readonly bodies: Json[];
  /** What the next pushes are answered with. */
  answer: { status: number; body: string };
  close(): void;
}

/** A customer's callback endpoint that keeps what it is told. */
export async function startReceiver(acknowledgement: string): Promise<Receiver> {
  const bodies: Json[] = [];
  const pushes: Pushed[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      const { method = "", url = "" } = request;
      const headers = request.headers as Record<string, string>;
      pushes.push({ method, url: new URL(url, receiver.url).href, headers, body: text });
      if (headers["content-type"]?.includes("json")) bodies.push(JSON.parse(text));
      response.writeHead(receiver.answer.status).end(receiver.answer.body);
    });
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", () => done());
  });
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/`,
    pushes,
    bodies,
    answer: { status: 200, body: acknowledgement },
    close: () => server.close(),
  };
  return receiver;
}

/** Sends a request over a bare socket and tells what came back before the peer closed it. */
export async function rawAnswer(request: Request): Promise<string> {
  const { host, hostname, port, pathname, search } = new URL(request.url);
  const body = await request.text();
  const headers = new Headers(request.headers);
  headers.set("host", host);
  headers.set("connection", "close");
  headers.set("content-length", String(Buffer.byteLength(body)));
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const socket = connect(Number(port), hostname);
  socket.write(`POST ${pathname}${search} HTTP/1.1\r\n${lines}\r\n${body}`);
  let answer = "";
  return new Promise((done) => {
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.on("error", () => done(answer));
    socket.on("close", () => done(answer));
  });
}
