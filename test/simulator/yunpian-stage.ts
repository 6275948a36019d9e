import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Client, type Json } from "./client.ts";
import { startSimulator, temporaryDirectory } from "./support.ts";

export const SENDER = "鸿雁商城";
export const CODE = `【${SENDER}】您的验证码是1234，5分钟内有效。`;

interface Receiver {
  readonly url: string;
  readonly pushes: { readonly path: string; readonly type: string; readonly body: string }[];
  acknowledgement: string;
  close(): void;
}

/** A customer's endpoint for pushes that are forms. */
async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const { url: path = "", headers } = request;
      receiver.pushes.push({ path, type: headers["content-type"] ?? "", body });
      response.end(receiver.acknowledgement);
    });
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", () => done());
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;
  const close = () => server.close();
  const receiver: Receiver = { url, pushes: [], acknowledgement: "SUCCESS", close };
  return receiver;
}

/** A simulator of Yunpian with a sender and templates filed, and a customer who listens to it. */
export async function setYunpianStage() {
  const state = temporaryDirectory();
  let simulator = await startSimulator(state);
  let client = new Client(simulator.url);
  const receiver = await startReceiver();
  let serial = 0;

  /** A mainland number that no other test uses, as the vendor spells it. */
  const newMobile = (): string => `135${String(++serial).padStart(8, "0")}`;

  /** One call of the API: the raw answer, and what a careful reader makes of it. */
  async function ask(action: string, fields: Record<string, string>, apikey = "sim-secret") {
    const body = new URLSearchParams({ apikey, ...fields });
    const url = `${simulator.url}/yunpian/v2/${action}.json`;
    const response = await fetch(url, { method: "POST", body });
    const text = await response.text();
    const read: Json = JSON.parse(text.replace(/"(sid|tpl_id)":(\d+)/g, '"$1":"$2"'));
    return { status: response.status, text, body: read };
  }

  const single = (mobile: string, text = CODE, more: Record<string, string> = {}) =>
    ask("sms/single_send", { mobile, text, ...more });

  const fileTemplate = async (tpl_content: string, more: Record<string, string> = {}) =>
    (await ask("tpl/add", { tpl_content, ...more })).body;

  const review = (outcome: string, delay_ms: number) =>
    client.control("PUT", "/reviews/yunpian", { outcome, delay_ms });

  const limit = (per_number: boolean) => client.control("PUT", "/limits/yunpian", { per_number });

  const callbacks = { receipts: `${receiver.url}receipts`, replies: `${receiver.url}replies` };
  await client.control("PUT", "/callbacks/yunpian", callbacks);
  await review("approved", 0);
  await ask("sign/add", { sign: SENDER, sign_use: "0" });
  const code = await fileTemplate(`【${SENDER}】您的验证码是#code#，5分钟内有效。`, {
    tpl_type: "1",
  });
  const templateId: string = code.tpl_id;
  await fileTemplate(`【${SENDER}】#name#，您的订单#order#已发货（顺丰+极兔）。`);
  await fileTemplate(`【${SENDER}】Hello #name#!`, { region: "abroad" });

  return {
    get simulator() {
      return simulator;
    },
    get client() {
      return client;
    },
    receiver,
    templateId,
    newMobile,
    ask,
    single,
    fileTemplate,
    review,
    limit,
    /** For the next test: no fault, nothing pushed yet. */
    async reset() {
      await client.control("DELETE", "/faults");
      receiver.acknowledgement = "SUCCESS";
      receiver.pushes.length = 0;
    },
    /** Kills the simulator and starts it on the same state, its clock shifted. */
    async restart(clockOffsetSeconds: number) {
      await simulator.kill();
      simulator = await startSimulator(state, clockOffsetSeconds);
      client = new Client(simulator.url);
    },
    async close() {
      receiver.close();
      await simulator.discard();
    },
  };
}
