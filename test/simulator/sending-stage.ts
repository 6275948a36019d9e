import { Client } from "./client.ts";
import { startSimulator, temporaryDirectory } from "./support.ts";

/** A number as Aliyun spells it. */
export const domestic = (number: string): string => number.slice(3);

/** A simulator with senders and templates filed at Aliyun and Tencent, and how to send by them. */
export async function setSendingStage() {
  const simulator = await startSimulator(temporaryDirectory());
  const client = new Client(simulator.url);
  const filed = await client.file();
  let serial = 0;
  /** A mainland number that no other test uses. */
  const newNumber = (): string => `+86139${String(++serial).padStart(8, "0")}`;

  const sendAliyun = (number: string, change: Record<string, string> = {}) =>
    client.aliyun("SendSms", {
      PhoneNumbers: domestic(number),
      SignName: "鸿雁商城",
      TemplateCode: filed.aliyun.code,
      TemplateParam: '{"code":"246810"}',
      ...change,
    });

  const sendTencent = (number: string, change: Record<string, unknown> = {}) =>
    client.tencent("SendSms", {
      PhoneNumberSet: [number],
      SmsSdkAppId: "1400006666",
      TemplateId: filed.tencent.code,
      SignName: "鸿雁商城",
      TemplateParamSet: ["246810", "5"],
      ...change,
    });

  return { simulator, client, filed, newNumber, sendAliyun, sendTencent };
}
