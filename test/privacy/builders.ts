import { randomBytes } from "node:crypto";
import { ulid } from "../../src/lib/id.ts";
import { type Keys, openKeys } from "../../src/lib/keys.ts";
import type { LogShard } from "../../src/messages/log.ts";
import { type MessageStatus, rankOf, sealedIn } from "../../src/messages/message.ts";

const key = (fill: number) => Buffer.alloc(32, fill).toString("base64");

/** The keys of an installation whose data keys have these versions, the newest last. */
export const keysOf = (...versions: readonly number[]): Keys =>
  openKeys(
    {
      identityKey: key(99),
      dataKeys: versions.map((version) => `${version}:${key(version)}`).join(","),
    },
    (length) => randomBytes(length),
  );

export interface Sent {
  readonly to: string;
  readonly storefront: string;
  /** When it was made; it was sent and delivered then. */
  readonly at: number;
  readonly status?: MessageStatus;
  readonly category?: "otp" | "notification" | "marketing";
  readonly country?: string;
  readonly campaign?: string;
}

/** Puts a message with one attempt into a database of the log, and answers its id. */
export async function send(
  {
    binding,
    shard,
    keys,
  }: { readonly binding: D1Database; readonly shard: LogShard; readonly keys: Keys },
  sent: Sent,
): Promise<string> {
  const id = `msg_${ulid(sent.at, randomBytes(10))}`;
  const { to, at, campaign = null, status = "delivered", ...plain } = sent;
  await shard.record([
    JSON.stringify({
      category: "notification",
      country: "CN",
      ...plain,
      id,
      status,
      channel: "sms",
      sender: "shop",
      toSealed: keys.seal(to, sealedIn("to", id)),
      toIndex: keys.blindIndex(to),
      template: "tpl_1",
      locale: "zh-CN",
      textSealed: keys.seal("your parcel", sealedIn("text", id)),
      provider: "aliyun",
      account: "acc_1",
      createdAt: at,
      sentAt: rankOf(status) >= 2 ? at : null,
      trace: [],
      attempts: [
        { provider: "aliyun", account: "acc_1", startedAt: at, outcome: "accepted", detail: to },
      ],
    }),
  ]);
  await binding.prepare("UPDATE messages SET campaign = ?2 WHERE id = ?1").bind(id, campaign).run();
  return id;
}
