import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 10;
/** What does not happen for so long is stuck. */
const STUCK_AFTER_MS = 300_000;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export type Send = (
  method: "GET" | "POST" | "PUT" | "PATCH",
  url: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

/** A client that keeps its connections; fetch would cost this process several times as much. */
export function openClient(): { readonly send: Send; readonly close: () => void } {
  const agent = new Agent({ keepAlive: true });
  const send: Send = (method, url, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? "" : JSON.stringify(body);
      const outgoing = request(url, {
        method,
        agent,
        headers: {
          ...headers,
          ...(payload
            ? {
                "Content-Type": "application/json",
                "Content-Length": Buffer.byteLength(payload),
              }
            : {}),
        },
      });
      outgoing.on("error", reject);
      outgoing.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          text += part;
        });
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      });
      outgoing.end(payload);
    });
  return { send, close: () => agent.destroy() };
}

/** Throws what was answered instead. */
export function expectStatus(answer: Answer, status: number, what: string): void {
  if (answer.status !== status) {
    throw new Error(`${what} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
  }
}

/** Runs `once` again and again in `clients` loops; returns the seconds until the last one ended. */
export async function closedLoop(
  clients: number,
  milliseconds: number,
  once: () => Promise<void>,
): Promise<number> {
  const started = performance.now();
  const loop = async () => {
    while (performance.now() - started < milliseconds) await once();
  };
  await Promise.all(Array.from({ length: clients }, loop));
  return (performance.now() - started) / 1000;
}

/** Looks until it holds; answers when the look began that found it so. */
export async function until(
  holds: () => Promise<boolean>,
  clock: () => number = () => performance.now(),
): Promise<number> {
  const deadline = performance.now() + STUCK_AFTER_MS;
  for (;;) {
    const at = clock();
    if (await holds()) return at;
    if (performance.now() > deadline) throw new Error("messages are stuck");
    await sleep(LOOK_EVERY_MS);
  }
}
