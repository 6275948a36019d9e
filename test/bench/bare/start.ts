import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformWithOxc } from "vite";
import { QUIET_TOOLS } from "../../../src/start/bundles.ts";
import { publicSocketBinding } from "../../../src/start/public-socket.ts";
import { workerdVariables } from "../../../src/start/workerd-process.ts";
import { Client } from "../../simulator/client.ts";
import { freePort } from "../ports.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SENDER = "鸿雁商城";
const TEXT = "验证码{1}，用于登录，5分钟内有效。请勿告知他人。\n@shop.example #{1}";

export interface Bare {
  readonly origin: string;
  readonly stateDirectory: string;
  dispose(): Promise<void>;
}

/** The bare Worker on a workerd and a directory of its own, behind the same kind of socket. */
export async function startBare(simulator: string): Promise<Bare> {
  const template = await fileTemplate(simulator);
  const sources = ["test/bench/bare/worker.ts", "src/providers/signing/tc3.ts"];
  const modules = await Promise.all(sources.map(sourceModule));
  const stateDirectory = mkdtempSync(join(tmpdir(), "hongyan-bare-"));
  // Miniflare reads these while it loads.
  Object.assign(process.env, QUIET_TOOLS, workerdVariables(stateDirectory));
  const { convertV4MiniflareOptions, Log, LogLevel, Miniflare } = await import("miniflare");
  const address = `127.0.0.1:${await freePort()}`;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: "bare",
      compatibilityDate: "2026-10-20",
      compatibilityFlags: ["nodejs_compat"],
      modulesRoot: "/",
      modules,
      bindings: { ENDPOINT: `${simulator}/tencent/`, TEMPLATE: template, SENDER },
      durableObjects: { NUMBER: { className: "BareNumber", useSQLite: true } },
      unsafeBindings: [publicSocketBinding(address)],
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
  } catch (error) {
    await dispose();
    throw error;
  }
  return { origin: `http://${address}`, stateDirectory, dispose };
}

async function sourceModule(path: string) {
  const source = readFileSync(join(ROOT, path), "utf8");
  const { code } = await transformWithOxc(source, path, { target: "es2024" });
  return { type: "ESModule" as const, path: `/${path}`, contents: code };
}

/** A template of the bare Worker's own beside the sender that the demo data filed. */
async function fileTemplate(simulator: string): Promise<string> {
  const client = new Client(simulator);
  await client.control("PUT", "/reviews/tencent", { outcome: "approved", delay_ms: 0 });
  // Nobody reads the receipts of these texts; without this the product would have to.
  await client.control("PUT", "/callbacks/tencent", { receipts: null, replies: null });
  const answer = await client.tencent("AddSmsTemplate", {
    TemplateName: "bare",
    SmsType: 3,
    International: 0,
    TemplateContent: TEXT,
    Remark: "-",
  });
  return String(answer.AddTemplateStatus.TemplateId);
}
