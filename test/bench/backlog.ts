import { setTimeout as sleep } from "node:timers/promises";
import type { Hongyan } from "../journeys/hongyan.ts";
import { ROOT_KEY } from "../journeys/hongyan.ts";
import { Client } from "../simulator/client.ts";
import { productBulk } from "./bulk-sides.ts";
import { expectStatus, type Send, until } from "./load.ts";
import { type Kind, Numbers } from "./numbers.ts";
import { chunks, Recipients } from "./recipients.ts";

const SECOND_ACCOUNT = { id: "sim-id-2", secret: "sim-secret-2" };
const SENDER = "鸿雁商城";
const BATCH = 1_000;
/** Numbers of the backlog, and of those who wait for a text of their own; all have had one before. */
const POOL = 5_000;
const WAITING = 40;
const LOOK_EVERY_MS = 3;
const PAUSE_MS = 20;
const PATIENCE_MS = 30_000;
/** Where texts are slow, fewer of them say enough. */
const LONGEST_MS = 120_000;

export interface Latencies {
  readonly notifications: readonly number[];
  readonly codes: readonly number[];
}

export interface BacklogFindings {
  readonly rows: number;
  readonly quiet: Latencies;
  readonly behind: Latencies;
}

/**
 * How long a notification and a code take alone, and beside marketing that waits in the same queue:
 * its account may make one request a second, so that the backlog lasts.
 */
export async function measureBacklog(
  product: Hongyan,
  send: Send,
  { rows, samples }: { readonly rows: number; readonly samples: number },
): Promise<BacklogFindings> {
  const numbers = new Numbers("137");
  await product.settings({
    resend_after_seconds: 0,
    caps: { per_hour: 100_000, per_day: 100_000 },
  });
  await openMarketing(product);
  const recipients = new Recipients("136", POOL);
  const warming = productBulk(send, product);
  for (const batch of chunks(recipients.take(POOL), BATCH)) await warming.accept(batch);
  await until(() => warming.isDelivered(POOL));
  await measureLatencies(product, send, numbers, "new", WAITING);
  const quiet = await measureLatencies(product, send, numbers, "returning", samples);
  const marketing = productBulk(send, product, "promo");
  for (const batch of chunks(recipients.take(rows), BATCH)) {
    await marketing.accept(
      batch.map(({ to, variables: { name, order_no } }) => ({
        to,
        variables: { name: name ?? "", offer: `满减券${order_no}` },
      })),
    );
  }
  const behind = await measureLatencies(product, send, numbers, "returning", samples);
  return { rows, quiet, behind };
}

/** A second account at the same vendor, for marketing alone. */
async function openMarketing(product: Hongyan): Promise<void> {
  const { body: accounts } = await product.request("GET", "/v1/provider-accounts");
  const first = accounts.data.find((one: { provider: string }) => one.provider === "aliyun");
  const vendor = new Client(product.simulator);
  await vendor.aliyun("CreateSmsSign", { SignName: SENDER, SignSource: "0" }, SECOND_ACCOUNT);
  const { body: account } = await product.post("/v1/provider-accounts", {
    provider: "aliyun",
    name: "marketing",
    credentials: {
      access_key_id: SECOND_ACCOUNT.id,
      access_key_secret: SECOND_ACCOUNT.secret,
    },
    endpoint: first.endpoint,
  });
  await product.request("PATCH", `/v1/provider-accounts/${account.id}`, {
    limits: { per_second: 1 },
  });
  const { body: templates } = await product.request("GET", "/v1/templates?limit=200");
  const promo = templates.data.find(
    (one: { name: string; locale: string }) => one.name === "promo" && one.locale === "zh-CN",
  );
  await product.post(`/v1/templates/${promo.id}/submit`);
  await product.eventually(
    () => product.request("GET", `/v1/templates/${promo.id}`),
    ({ body }) =>
      body.bindings.some(
        (one: { account: string; status: string }) =>
          one.account === account.id && one.status === "approved",
      ),
    10,
  );
  const by = (id: string) => ({ candidates: [{ account: id, weight: 1 }], strategy: "priority" });
  const { status } = await product.request("PUT", "/v1/routes", {
    rules: [
      { match: { category: "marketing" }, ...by(account.id) },
      { match: {}, ...by(first.id) },
    ],
  });
  if (status !== 200) throw new Error(`routes answered ${status}`);
}

async function measureLatencies(
  product: Hongyan,
  send: Send,
  numbers: Numbers,
  kind: Kind,
  samples: number,
): Promise<Latencies> {
  const headers = { Authorization: `Bearer ${ROOT_KEY}` };
  const notifications: number[] = [];
  const codes: number[] = [];
  const deadline = performance.now() + LONGEST_MS;
  for (let sample = 0; sample < samples && performance.now() < deadline; sample++) {
    const [notified, verified] = [numbers.take(kind), numbers.take(kind)];
    const texts = await ringsOf(send, product.simulator, notified);
    const started = performance.now();
    const variables = {
      name: "王芳",
      order_no: `HY${sample}${kind}${Date.now()}`,
      carrier: "顺丰速运",
    };
    const body = { to: notified, template: "order-shipped", variables };
    const accepted = await send("POST", `${product.api}/v1/messages`, body, headers);
    expectStatus(accepted, 202, "a notification");
    await untilRings(send, product.simulator, notified, texts);
    notifications.push(performance.now() - started);
    await sleep(PAUSE_MS);
    const asked = performance.now();
    const code = { to: verified, purpose: "login" };
    const sent = await send("POST", `${product.api}/v1/verifications`, code, headers);
    expectStatus(sent, 201, "a code");
    codes.push(performance.now() - asked);
    await sleep(PAUSE_MS);
    numbers.giveBack("returning", notified);
    numbers.giveBack("returning", verified);
  }
  return { notifications, codes };
}

async function ringsOf(send: Send, simulator: string, number: string): Promise<number> {
  const answer = await send("GET", `${simulator}/handsets/${number}/messages`);
  expectStatus(answer, 200, "the handset");
  return JSON.parse(answer.text).data.length;
}

async function untilRings(
  send: Send,
  simulator: string,
  number: string,
  before: number,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while ((await ringsOf(send, simulator, number)) === before) {
    if (performance.now() > deadline) throw new Error(`nothing rang at ${number}`);
    await sleep(LOOK_EVERY_MS);
  }
}
