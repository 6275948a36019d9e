import { DurableObject } from "cloudflare:workers";
import { randomUUID } from "node:crypto";
import { percentEncode, signAcs3 } from "../../../src/providers/signing/acs3.ts";

interface Text {
  readonly id: string;
  readonly to: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** What fits into one call of the vendor's. */
interface Chunk {
  readonly template: string;
  readonly texts: readonly Text[];
}

interface BareEnv {
  readonly NUMBER: DurableObjectNamespace<BareNumber>;
  readonly LOG: D1Database;
  readonly CHUNKS: Queue<Chunk>;
  /** Aliyun's API at the simulator. */
  readonly ENDPOINT: string;
  readonly SENDER: string;
}

const CREDENTIALS = { accessKeyId: "sim-id", accessKeySecret: "sim-secret" };
const CHUNK = 100;
const IN_FLIGHT = 6;

const WRITE = `INSERT INTO messages (id, number, status, vendor_id)
  SELECT value->>'id', value->>'to', 'sent', ?2 FROM json_each(?1)`;
const DELIVER = `UPDATE messages SET status = 'delivered' FROM json_each(?1) AS r
  WHERE vendor_id = r.value->>'biz_id' AND number = '+86' || (r.value->>'phone_number')`;

/** One number: the one write that any rule about it would need. */
export class BareNumber extends DurableObject<BareEnv> {
  #made = false;

  async note(id: string): Promise<void> {
    const { sql } = this.ctx.storage;
    if (!this.#made) sql.exec("CREATE TABLE IF NOT EXISTS texts (id TEXT PRIMARY KEY)");
    this.#made = true;
    sql.exec("INSERT INTO texts VALUES (?)", id);
  }
}

/** SendBatchSms as the product calls it; answers the vendor's id. */
async function submit(env: BareEnv, { template, texts }: Chunk): Promise<string> {
  const field = (name: string, values: readonly unknown[]) =>
    `${name}=${encodeURIComponent(JSON.stringify(values))}`;
  const body = [
    field(
      "PhoneNumberJson",
      texts.map(({ to }) => to.slice("+86".length)),
    ),
    field(
      "SignNameJson",
      texts.map(() => env.SENDER),
    ),
    field(
      "TemplateParamJson",
      texts.map(({ variables }) => variables),
    ),
  ].join("&");
  const response = await fetch(`${env.ENDPOINT}?TemplateCode=${percentEncode(template)}`, {
    method: "POST",
    headers: signAcs3(CREDENTIALS, {
      method: "POST",
      host: new URL(env.ENDPOINT).host,
      query: { TemplateCode: template },
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-acs-action": "SendBatchSms",
        "x-acs-version": "2017-05-25",
        "x-acs-date": new Date().toISOString().replace(/\.\d{3}Z$/, "Z"),
        "x-acs-signature-nonce": randomUUID(),
      },
      body,
    }),
    body,
  });
  const answer = await response.text();
  const id = /"BizId":"([^"]+)"/.exec(answer)?.[1];
  if (id === undefined) throw new Error(`the simulator answered ${answer}`);
  return id;
}

/** One object call with one write a text, one vendor call, one bulk write. */
async function carry(env: BareEnv, chunk: Chunk): Promise<void> {
  const { texts } = chunk;
  await Promise.all(texts.map(({ id, to }) => env.NUMBER.getByName(to).note(id)));
  const vendorId = await submit(env, chunk);
  await env.LOG.prepare(WRITE).bind(JSON.stringify(texts), vendorId).run();
}

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/counts") {
      const counted = env.LOG.prepare("SELECT status, count(*) AS n FROM messages GROUP BY status");
      const { results } = await counted.all<{ status: string; n: number }>();
      return Response.json(Object.fromEntries(results.map(({ status, n }) => [status, n])));
    }
    if (pathname === "/receipts") {
      await env.LOG.prepare(DELIVER)
        .bind(await request.text())
        .run();
      return Response.json({ code: 0, msg: "ok" });
    }
    if (pathname === "/notes") {
      const numbers = await request.json<readonly string[]>();
      await Promise.all(numbers.map((to) => env.NUMBER.getByName(to).note(randomUUID())));
      return Response.json({ noted: numbers.length });
    }
    const { template, recipients } = await request.json<{
      readonly template: string;
      readonly recipients: readonly Omit<Text, "id">[];
    }>();
    const texts = recipients.map((one) => ({ ...one, id: randomUUID() }));
    const chunks = Array.from({ length: Math.ceil(texts.length / CHUNK) }, (_, index) => ({
      body: { template, texts: texts.slice(index * CHUNK, (index + 1) * CHUNK) },
    }));
    await env.CHUNKS.sendBatch(chunks);
    return Response.json({ accepted: texts.length }, { status: 202 });
  },
  async queue(batch, env): Promise<void> {
    const waiting = batch.messages.values();
    const lane = async () => {
      for (const { body } of waiting) await carry(env, body);
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  },
} satisfies ExportedHandler<BareEnv, Chunk>;
