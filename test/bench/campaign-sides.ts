import { setTimeout as sleep } from "node:timers/promises";
import { type Hongyan, ROOT_KEY } from "../journeys/hongyan.ts";
import type { BareBulk } from "./bare/bulk.ts";
import { bareBulk, productBulk } from "./bulk-sides.ts";
import { expectStatus, type Send, until } from "./load.ts";
import { chunks, type Recipient } from "./recipients.ts";

/** As the bare pipeline: so many calls at once in each of so many lanes. */
const CHUNK = 100;
const IN_FLIGHT = 6;
const BATCH = 1_000;
const IMPORTED_WITHIN_S = 1_200;
/** Looking costs the thread that does the work. */
const LOOK_EVERY_MS = 100;
/** The report counts rows: it is not asked for more often than this. */
const REPORT_EVERY_MS = 500;
/** While codes are timed, hardly ever: a text that is lost on its way is rare. */
const LOST_LOOK_MS = 5_000;

/** In the order in which messages go. */
const WAITING = ["scheduled", "queued", "sending"];

/** Everybody is known and nobody has had anything. */
export interface Loaded {
  /** Starts it; returns once all were handed over. */
  handOver(): Promise<void>;
  /** Returns once nothing is left to be done. */
  settle(): Promise<Ended>;
}

export interface Ended {
  /** Texts that a carrier took twice. */
  readonly duplicates: number;
  /** Texts of which nobody knows whether they left: marketing is not sent again. */
  readonly unknown: number;
}

/** One of those that are compared. */
export interface CampaignSide {
  readonly name: "campaign" | "object calls" | "bare pipeline";
  load(recipients: readonly Recipient[]): Promise<Loaded>;
}

export interface ProductCampaigns extends CampaignSide {
  load(recipients: readonly Recipient[], throttlePerSecond?: number): Promise<Loaded>;
}

/** Campaigns that root writes and another key approves, to people who were imported before. */
export async function productCampaigns(send: Send, product: Hongyan): Promise<ProductCampaigns> {
  const key = { name: "approver", mode: "live", scopes: ["campaigns:approve"] };
  const approver = {
    Authorization: `Bearer ${(await posted(product, 201, "api-keys", key)).secret}`,
  };
  const root = { Authorization: `Bearer ${ROOT_KEY}` };
  const { carried } = productBulk(send, product);
  const isAny = async (campaign: string, status: string): Promise<boolean> => {
    const url = `${product.api}/v1/messages?limit=1&campaign=${campaign}&status=${status}`;
    const answer = await send("GET", url, undefined, root);
    expectStatus(answer, 200, "the list");
    return JSON.parse(answer.text).data.length > 0;
  };
  let groups = 0;
  return {
    name: "campaign",
    async load(recipients, throttlePerSecond) {
      const segment = await importGroup(product, `group-${++groups}`, recipients);
      const { id } = await posted(product, 201, "campaigns", {
        name: "Double Eleven",
        objective: "activation",
        segment,
        variants: [{ name: "a", template: "promo", variables: { offer: "满减券" } }],
        schedule: { at: "2020-01-01T00:00:00Z" },
        throttle_per_second: throttlePerSecond ?? null,
      });
      await posted(product, 200, `campaigns/${id}/submit`);
      const before = await carried();
      const all = before.recipients + recipients.length;
      return {
        async handOver() {
          const url = `${product.api}/v1/campaigns/${id}/approve`;
          expectStatus(await send("POST", url, undefined, approver), 200, "the approval");
          let lookedAt = performance.now();
          await until(async () => {
            if ((await carried()).recipients >= all) return true;
            // A text that is lost on its way is never counted there.
            if (performance.now() - lookedAt < LOST_LOOK_MS) {
              await sleep(LOOK_EVERY_MS);
              return false;
            }
            lookedAt = performance.now();
            const { messages, by_status } = await totalOf(product, id);
            const waiting = WAITING.some((status) => by_status[status]);
            return messages === recipients.length && !waiting;
          });
          for (const status of WAITING) {
            while (await isAny(id, status)) await sleep(LOOK_EVERY_MS);
          }
        },
        async settle() {
          const unknown = await settled(product, id, recipients.length);
          const after = await carried();
          return { duplicates: after.duplicates - before.duplicates, unknown };
        },
      };
    },
  };
}

async function posted(product: Hongyan, status: number, path: string, body?: unknown) {
  const answer = await product.post(`/v1/${path}`, body);
  if (answer.status !== status) {
    throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
  return answer.body;
}

/** Returns the segment that finds them, and nobody else. */
async function importGroup(
  product: Hongyan,
  group: string,
  recipients: readonly Recipient[],
): Promise<string> {
  const rows = recipients.map(({ to, variables }) =>
    JSON.stringify({ to, name: variables.name, group }),
  );
  const { status, body } = await product.request("POST", "/v1/contacts/import", rows.join("\n"), {
    "Content-Type": "application/x-ndjson",
  });
  if (status !== 202) throw new Error(`the import answered ${status}: ${JSON.stringify(body)}`);
  const job = await product.eventually(
    async () => (await product.request("GET", `/v1/jobs/${body.job}`)).body,
    (seen) => seen.status === "done",
    IMPORTED_WITHIN_S,
  );
  if (job.people !== recipients.length) throw new Error(`imported: ${JSON.stringify(job)}`);
  const filter = { all: [{ attribute: "group", op: "eq", value: group }] };
  return (await posted(product, 201, "segments", { name: group, filter })).id;
}

const totalOf = async (product: Hongyan, campaign: string) =>
  (await product.request("GET", `/v1/campaigns/${campaign}/report`)).body.total;

/** Waits until each has his one message delivered; returns how many of them are unknown instead. */
async function settled(product: Hongyan, campaign: string, count: number): Promise<number> {
  let unknown = 0;
  await until(async () => {
    await sleep(REPORT_EVERY_MS);
    const { messages, delivered, by_status } = await totalOf(product, campaign);
    if (messages !== count) throw new Error(`${messages} messages for ${count}`);
    unknown = by_status.unknown ?? 0;
    return delivered + unknown === count;
  });
  return unknown;
}

/** One object call with one write for each, and nothing else. */
export function objectCalls(send: Send, bare: BareBulk): CampaignSide {
  return {
    name: "object calls",
    async load(recipients) {
      const waiting = chunks(recipients, CHUNK).values();
      const lane = async () => {
        for (const chunk of waiting) {
          const numbers = chunk.map(({ to }) => to);
          expectStatus(await send("POST", `${bare.origin}/notes`, numbers), 200, "the notes");
        }
      };
      return {
        async handOver() {
          await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
        },
        settle: async () => ({ duplicates: 0, unknown: 0 }),
      };
    },
  };
}

/** The least that sends as many texts in bulk. */
export function barePipeline(send: Send, bare: BareBulk): CampaignSide {
  const side = bareBulk(send, bare);
  let total = 0;
  return {
    name: "bare pipeline",
    async load(recipients) {
      total += recipients.length;
      return {
        async handOver() {
          for (const batch of chunks(recipients, BATCH)) await side.accept(batch);
          await until(() => side.isHandedOver(total));
        },
        async settle() {
          await until(() => side.isDelivered(total));
          return { duplicates: 0, unknown: 0 };
        },
      };
    },
  };
}
