import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformWithOxc } from "vite";
import { ensureBundle, QUIET_TOOLS } from "../../../src/start/bundles.ts";
import { publicSocketBinding } from "../../../src/start/public-socket.ts";
import { workerdVariables } from "../../../src/start/workerd-process.ts";
import { Client } from "../../simulator/client.ts";
import { freePort } from "../ports.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SENDER = "鸿雁商城";
const TEXT = "验证码{1}，用于登录，5分钟内有效。请勿告知他人。\n@shop.example #{1}";

export interface Bare {
  readonly origin: string;
  readonly simulator: string;
  /** What the simulator calls the template that is sent with. */
  readonly template: string;
  readonly stateDirectory: string;
  dispose(): Promise<void>;
}

/**
 * The bare Worker and a simulator on a workerd and a directory of their own, behind the same kind
 * of sockets: as with the product, one thread does the work of both.
 */
export async function startBare(): Promise<Bare> {
  const sources = ["test/bench/bare/worker.ts", "src/providers/signing/tc3.ts"];
  const modules = await Promise.all(sources.map(sourceModule));
  const stateDirectory = mkdtempSync(join(tmpdir(), "hongyan-bare-"));
  // Miniflare reads these while it loads.
  Object.assign(process.env, QUIET_TOOLS, workerdVariables(stateDirectory));
  const { convertV4MiniflareOptions, Log, LogLevel, Miniflare } = await import("miniflare");
  const { workerOptions } = await import("../../../src/start/runtime.ts");
  const address = `127.0.0.1:${await freePort()}`;
  const carrier = `127.0.0.1:${await freePort()}`;
  const simulator = `http://${carrier}`;
  const bundle = await ensureBundle(ROOT, "simulator");
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          name: "bare",
          compatibilityDate: "2026-10-20",
          compatibilityFlags: ["nodejs_compat"],
          modulesRoot: "/",
          modules,
          bindings: { ENDPOINT: `${simulator}/tencent/`, SENDER },
          durableObjects: { NUMBER: { className: "BareNumber", useSQLite: true } },
          unsafeBindings: [publicSocketBinding(address)],
        },
        workerOptions(bundle, carrier, { CLOCK_OFFSET_SECONDS: "0" }),
      ],
      resourcePersistencePath: join(stateDirectory, "data"),
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.WARN),
    }),
  );
  const dispose = async () => {
    await miniflare.dispose();
    rmSync(stateDirectory, { recursive: true, force: true });
  };
  try {
    await miniflare.ready;
    const template = await fileTemplate(simulator);
    return { origin: `http://${address}`, simulator, template, stateDirectory, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function sourceModule(path: string) {
  const source = readFileSync(join(ROOT, path), "utf8");
  const { code } = await transformWithOxc(source, path, { target: "es2024" });
  return { type: "ESModule" as const, path: `/${path}`, contents: code };
}

/** Files the sender and the template that the bare Worker sends with. */
async function fileTemplate(simulator: string): Promise<string> {
  const client = new Client(simulator);
  await client.control("PUT", "/reviews/tencent", { outcome: "approved", delay_ms: 0 });
  await client.tencent("AddSmsSign", {
    SignName: SENDER,
    SignType: 0,
    DocumentType: 0,
    International: 0,
    SignPurpose: 0,
    ProofImage: "iVBORw0KGgo=",
  });
  const answer = await client.tencent("AddSmsTemplate", {
    TemplateName: "bare",
    SmsType: 3,
    International: 0,
    TemplateContent: TEXT,
    Remark: "-",
  });
  return String(answer.AddTemplateStatus.TemplateId);
}
