import { Client, slot } from "../../simulator/client.ts";
import { type Running, runWorker, sourceModules } from "./run.ts";

const SENDER = "鸿雁商城";
const TEXT = `${slot("name")}您好，您的订单${slot("order_no")}已由${slot("carrier")}发出，请留意查收。`;

/** The index is what the updates by receipts and the counts of a run look at. */
const TABLES = [
  "CREATE TABLE messages (id TEXT PRIMARY KEY, number TEXT, status TEXT, vendor_id TEXT)",
  "CREATE INDEX by_vendor_id ON messages (vendor_id, number)",
  "CREATE INDEX by_status ON messages (status)",
];

export interface BareBulk extends Running {
  /** What the simulator calls the template that is sent with. */
  readonly template: string;
}

/** The least pipeline that sends in bulk, with a simulator of its own that reports back to it. */
export async function startBareBulk(): Promise<BareBulk> {
  const running = await runWorker("bare", async ({ simulator }) => ({
    modules: await sourceModules([
      "test/bench/bare/bulk-worker.ts",
      "src/providers/signing/acs3.ts",
    ]),
    bindings: { ENDPOINT: `${simulator}/aliyun/`, SENDER },
    durableObjects: { NUMBER: { className: "BareNumber", useSQLite: true } },
    d1Databases: { LOG: "bare-log" },
    queueProducers: { CHUNKS: "chunks" },
    queueConsumers: { chunks: { maxBatchSize: 10, maxBatchTimeout: 0, maxRetries: 3 } },
  }));
  try {
    const log = await running.miniflare.getD1Database("LOG", "bare");
    await log.batch(TABLES.map((table) => log.prepare(table)));
    const template = await fileTemplate(running);
    return { ...running, template };
  } catch (error) {
    await running.dispose();
    throw error;
  }
}

/** Files the sender and the template that the bare Worker sends with, and where receipts go. */
async function fileTemplate({ simulator, origin }: Running): Promise<string> {
  const client = new Client(simulator);
  await client.control("PUT", "/reviews/aliyun", { outcome: "approved", delay_ms: 0 });
  await client.control("PUT", "/callbacks/aliyun", { receipts: `${origin}/receipts` });
  await client.aliyun("CreateSmsSign", { SignName: SENDER, SignSource: "0" });
  const { body } = await client.aliyun("CreateSmsTemplate", {
    TemplateName: "bare",
    TemplateContent: TEXT,
    TemplateType: "1",
    RelatedSignName: SENDER,
    TemplateRule: JSON.stringify({ name: "others", order_no: "others", carrier: "others" }),
  });
  return String(body.TemplateCode);
}
