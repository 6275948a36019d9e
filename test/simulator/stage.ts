import { Client, type Filed, type Json } from "./client.ts";
import { aliyunRequest, tencentRequest } from "./signers.ts";
import {
  eventually,
  type Receiver,
  type Simulator,
  startReceiver,
  startSimulator,
  temporaryDirectory,
} from "./support.ts";

type Provider = "aliyun" | "tencent";

const PROVIDERS = ["aliyun", "tencent"] as const;

/** A simulator with senders and templates filed, and a customer who listens to both vendors. */
export interface Stage {
  client: Client;
  simulator: Simulator;
  readonly filed: Filed;
  readonly receivers: Record<Provider, Receiver>;
  /** Kills the simulator and starts it on the same state, its clock shifted. */
  restart(clockOffsetSeconds?: number): Promise<void>;
  close(): Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const state = temporaryDirectory();
  const simulator = await startSimulator(state);
  const client = new Client(simulator.url);
  const receivers = {
    aliyun: await startReceiver('{"code":0,"msg":"OK"}'),
    tencent: await startReceiver('{"result":0,"errmsg":"OK"}'),
  };
  for (const provider of PROVIDERS) {
    const { url } = receivers[provider];
    const callbacks = { receipts: `${url}receipts`, replies: `${url}replies` };
    await client.control("PUT", `/callbacks/${provider}`, callbacks);
  }
  const stage: Stage = {
    client,
    simulator,
    filed: await client.file(),
    receivers,
    restart: async (clockOffsetSeconds) => {
      await stage.simulator.kill();
      stage.simulator = await startSimulator(state, clockOffsetSeconds);
      stage.client = new Client(stage.simulator.url);
    },
    close: async () => {
      for (const receiver of Object.values(receivers)) receiver.close();
      await stage.simulator.discard();
    },
  };
  return stage;
}

let serial = 0;

/** A mainland number that no other test of the file uses. */
export const newNumber = (): string => `+86137${String(++serial).padStart(8, "0")}`;

export const aliyunSend = ({ client, filed }: Stage, number: string, OutId = ""): Request =>
  aliyunRequest(`${client.url}/`, "SendSms", {
    PhoneNumbers: number.slice(3),
    SignName: "鸿雁商城",
    TemplateCode: filed.aliyun.code,
    TemplateParam: '{"code":"246810"}',
    OutId,
  });

export const tencentSend = (
  { client, filed }: Stage,
  number: string,
  SessionContext = "",
): Request =>
  tencentRequest(`${client.url}/`, "SendSms", {
    PhoneNumberSet: [number],
    SmsSdkAppId: "1400006666",
    TemplateId: filed.tencent.code,
    SignName: "鸿雁商城",
    TemplateParamSet: ["246810", "5"],
    SessionContext,
  });

export const send = async (request: Request): Promise<Json> => (await fetch(request)).json();

export const setFault = (stage: Stage, provider: Provider, fault: object): Promise<unknown> =>
  stage.client.control("PUT", `/faults/${provider}`, { rate: 1, ...fault });

export const receiptsSoFar = (stage: Stage, provider: Provider, number: string): Json[] =>
  stage.receivers[provider].bodies
    .flat()
    .filter((item) => (item.phone_number ?? item.mobile) === number.slice(3));

/** The receipts that a provider pushed for one number, once there are `count`. */
export const receipts = (
  stage: Stage,
  provider: Provider,
  number: string,
  count = 1,
): Promise<Json[]> =>
  eventually(
    () => receiptsSoFar(stage, provider, number),
    ({ length }) => length >= count,
  );
