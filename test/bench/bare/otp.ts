import { Client } from "../../simulator/client.ts";
import { type Running, runWorker, sourceModules } from "./run.ts";

const SENDER = "鸿雁商城";
const TEXT = "验证码{1}，用于登录，5分钟内有效。请勿告知他人。\n@shop.example #{1}";

export interface Bare extends Running {
  /** What the simulator calls the template that is sent with. */
  readonly template: string;
}

/** The least Worker that sends and checks codes, with a simulator of its own. */
export async function startBareOtp(): Promise<Bare> {
  const running = await runWorker("bare", async ({ simulator }) => ({
    modules: await sourceModules(["test/bench/bare/otp-worker.ts", "src/providers/signing/tc3.ts"]),
    bindings: { ENDPOINT: `${simulator}/tencent/`, SENDER },
    durableObjects: { NUMBER: { className: "BareNumber", useSQLite: true } },
  }));
  try {
    return { ...running, template: await fileTemplate(running.simulator) };
  } catch (error) {
    await running.dispose();
    throw error;
  }
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
