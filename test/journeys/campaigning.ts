import { expect } from "vitest";
import { freshNumber, type Hongyan, type Reply, ROOT_KEY } from "./hongyan.ts";

/** An answer as a client without types reads it. */
// biome-ignore lint/suspicious/noExplicitAny: a journey reads answers as a client without types does.
export type Answered = any;

const SCOPES = ["campaigns:read", "campaigns:write", "campaigns:approve", "messages:read"];
let groups = 0;

/** Campaigns through the API of a product that runs, by one key that writes and one that approves. */
export class Campaigning {
  readonly product: Hongyan;
  #keys: Record<"author" | "approver", string> = { author: "", approver: "" };

  constructor(product: Hongyan) {
    this.product = product;
  }

  async start(): Promise<void> {
    await this.product.start();
    for (const name of ["author", "approver"] as const) {
      const body = { name, mode: "live", scopes: SCOPES };
      const { status, body: made } = await this.product.post("/v1/api-keys", body);
      expect(status).toBe(201);
      this.#keys[name] = made.secret;
    }
  }

  as(who: "author" | "approver" | "root"): Record<string, string> {
    const key = who === "root" ? ROOT_KEY : this.#keys[who];
    return { Authorization: `Bearer ${key}` };
  }

  /** As many people as are asked for, whom a segment finds. */
  async people(count: number, attributes: object = {}) {
    const group = `group-${++groups}-${process.pid}`;
    const numbers = Array.from({ length: count }, freshNumber);
    const rows = numbers.map((to, at) =>
      JSON.stringify({ to, name: `n${at}`, group, ...attributes }),
    );
    const imported = await this.product.request("POST", "/v1/contacts/import", rows.join("\n"), {
      "Content-Type": "application/x-ndjson",
    });
    expect(imported.status).toBe(202);
    const job = await this.product.eventually(
      async () => (await this.product.request("GET", `/v1/jobs/${imported.body.job}`)).body,
      ({ status }) => status === "done",
      30,
    );
    expect(job).toMatchObject({ status: "done", people: count, errors: [] });
    const filter = { all: [{ attribute: "group", op: "eq", value: group }] };
    const segment = await this.product.post("/v1/segments", { name: group, filter });
    expect(segment.status).toBe(201);
    return { numbers, segment: segment.body.id as string };
  }

  create(segment: string, more: object = {}): Promise<Reply> {
    const body = {
      name: "Double Eleven",
      objective: "activation",
      segment,
      variants: [{ name: "a", template: "promo", variables: { offer: "50" } }],
      schedule: { at: "2020-01-01T00:00:00Z" },
      ...more,
    };
    return this.product.post("/v1/campaigns", body, this.as("author"));
  }

  decide(id: string, verb: string, who: "author" | "approver" | "root" = "author", body?: object) {
    return this.product.post(`/v1/campaigns/${id}/${verb}`, body, this.as(who));
  }

  /** A campaign that was made, submitted and approved. */
  async launch(segment: string, more: object = {}): Promise<string> {
    const made = await this.create(segment, more);
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const { id } = made.body;
    expect((await this.decide(id, "submit")).body.status).toBe("in_review");
    const approved = await this.decide(id, "approve", "approver");
    expect(approved.body).toMatchObject({ status: "scheduled" });
    return id;
  }

  async read(id: string): Promise<Answered> {
    return (await this.product.request("GET", `/v1/campaigns/${id}`)).body;
  }

  until(id: string, status: string, seconds = 15): Promise<Answered> {
    return this.product.eventually(
      () => this.read(id),
      (campaign) => campaign.status === status,
      seconds,
    );
  }

  async report(id: string): Promise<Answered> {
    return (await this.product.request("GET", `/v1/campaigns/${id}/report`)).body;
  }

  /** All messages of a campaign, page by page. */
  async rows(id: string): Promise<Answered[]> {
    const rows: Answered[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: string = `campaign=${id}&limit=200${cursor && `&cursor=${cursor}`}`;
      const page: Reply = await this.product.request("GET", `/v1/messages?${query}`);
      rows.push(...page.body.data);
      cursor = page.body.next_cursor;
    }
    return rows;
  }

  /** How many texts the handsets have, each counted. */
  async texts(numbers: readonly string[]): Promise<number[]> {
    const counts: number[] = [];
    for (let at = 0; at < numbers.length; at += 50) {
      const some = numbers.slice(at, at + 50).map((one) => this.product.texts(one));
      counts.push(...(await Promise.all(some)).map((texts) => texts.length));
    }
    return counts;
  }
}
