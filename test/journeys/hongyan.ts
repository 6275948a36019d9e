import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Ports, somePorts, takePrepared } from "./shelf.ts";

const ROOT = join(import.meta.dirname, "../..");
export const ROOT_KEY = "root-key-of-the-journeys-0123456789abcdef";

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a journey reads answers as a client without types does.
  readonly body: any;
}

export interface HandsetText {
  readonly id: string;
  readonly provider: string;
  readonly text: string;
}

export interface Fault {
  readonly mode: string;
  readonly rate?: number;
  readonly [setting: string]: unknown;
}

let numbers = 0;
const FIRST = 10_000_000 + (process.pid % 1000) * 10_000;

/** A mainland mobile number that no other test uses. */
export const freshNumber = (): string => `+86139${String(FIRST + numbers++).padStart(8, "0")}`;

/** The product as `npm start` runs it, on ports and a state directory of its own. */
export class Hongyan {
  readonly stateDirectory = mkdtempSync(join(tmpdir(), "hongyan-journey-"));
  #ports: Ports | null = null;
  #child: ChildProcess | null = null;
  #isOpen: boolean;
  api = "";
  simulator = "";
  /** Everything the process printed. */
  output = "";

  /** With the built-in policies what is sent at night waits for the morning. */
  constructor(options: { readonly withBuiltInPolicies?: true } = {}) {
    this.#isOpen = options.withBuiltInPolicies ?? false;
  }

  async start(environment: Record<string, string> = {}): Promise<this> {
    this.#ports ??= await this.#settle(environment);
    await this.#run(this.#ports, environment);
    if (!this.#isOpen) await this.openAllHours();
    this.#isOpen = true;
    return this;
  }

  /** Where the first start happens: on data of a start before, unless keys of its own shall seal it. */
  async #settle({ DATA_KEYS }: Record<string, string>): Promise<Ports> {
    const shelf = process.env.HONGYAN_SHELF;
    if (shelf === undefined || DATA_KEYS !== undefined) return await somePorts();
    return await takePrepared(shelf, this.stateDirectory, async (ports) => {
      const first = new Hongyan();
      await first.#run(ports, {});
      await first.#end("SIGTERM");
      return first.stateDirectory;
    });
  }

  async #run(ports: Ports, environment: Record<string, string>): Promise<void> {
    this.api = `http://127.0.0.1:${ports.PORT}`;
    this.simulator = `http://127.0.0.1:${ports.SIMULATOR_PORT}`;
    const child = spawn(process.execPath, ["src/start/main.ts"], {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        ...ports,
        ROOT_KEY,
        STATE_DIR: this.stateDirectory,
        LOG_LEVEL: "info",
        ...environment,
      },
    });
    this.#child = child;
    let printed = "";
    const ready = new Promise<void>((resolve, reject) => {
      const read = (part: Buffer) => {
        printed += part.toString();
        this.output += part.toString();
        if (printed.includes("is running")) resolve();
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.once("exit", () => reject(new Error(`hongyan ended:\n${printed}`)));
    });
    await ready;
  }

  /** Most journeys run at any hour of the day, and are about something else than consent and caps. */
  async openAllHours(): Promise<void> {
    const quiet = { from: "00:00", to: "00:00", days_off: [] };
    const caps = { per_day: null, per_week: null };
    const { status } = await this.request("PUT", "/v1/policies", {
      notification: { "*": { quiet } },
      marketing: { "*": { quiet, caps, consent: "none" } },
    });
    if (status !== 200) throw new Error(`policies answered ${status}`);
  }

  /** `kill -9` of the starter and its workerd: nothing gets a chance to tidy up. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    process.kill(-child.pid, signal);
    await gone;
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.stateDirectory, { recursive: true, force: true });
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const response = await fetch(this.api + path, {
      method,
      headers: {
        Authorization: `Bearer ${ROOT_KEY}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get("Content-Type")?.includes("json");
    return {
      status: response.status,
      headers: response.headers,
      body: json ? JSON.parse(text) : text,
    };
  }

  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply> {
    return this.request("POST", path, body, headers);
  }

  send(to: string, more: object = {}, headers?: Record<string, string>): Promise<Reply> {
    return this.post("/v1/verifications", { to, purpose: "login", ...more }, headers);
  }

  check(to: string, code: string, more: object = {}): Promise<Reply> {
    return this.post("/v1/verifications/check", { to, purpose: "login", code, ...more });
  }

  async settings(change: object): Promise<void> {
    const { status } = await this.request("PUT", "/v1/verification-settings", change);
    if (status !== 200) throw new Error(`settings answered ${status}`);
  }

  /** The texts of a handset, newest first. */
  async texts(number: string): Promise<HandsetText[]> {
    const response = await fetch(`${this.simulator}/handsets/${number}/messages`);
    return ((await response.json()) as { data: HandsetText[] }).data;
  }

  /** The code on a handset; waits up to `seconds` for a first text. */
  async code(number: string, seconds = 1): Promise<string> {
    const [text] = await this.eventually(
      () => this.texts(number),
      (texts) => texts.length > 0,
      seconds,
    );
    return /#(\S+)$/.exec(text?.text ?? "")?.[1] ?? "";
  }

  async eventually<T>(
    read: () => Promise<T>,
    holds: (value: T) => boolean,
    seconds: number,
  ): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const value = await read();
      if (holds(value) || Date.now() > deadline) return value;
      await sleep(100);
    }
  }

  async fault(provider: string, fault: Fault): Promise<void> {
    await fetch(`${this.simulator}/faults/${provider}`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ rate: 1, ...fault }),
    });
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.simulator}/faults`, { method: "DELETE" });
  }

  async stats(): Promise<
    Record<string, { accepted: number; requests: number; recipients: number; duplicates: number }>
  > {
    return (await (await fetch(`${this.simulator}/stats`)).json()) as never;
  }
}
