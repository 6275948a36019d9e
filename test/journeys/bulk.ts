import { expect } from "vitest";
import { freshNumber, type Hongyan, type Reply } from "./hongyan.ts";

/** A message as the API shows it. */
// biome-ignore lint/suspicious/noExplicitAny: a journey reads answers as a client without types does.
export type Row = any;

const FINAL = [
  "delivered",
  "undelivered",
  "unconfirmed",
  "failed",
  "expired",
  "suppressed",
  "canceled",
];
export const isFinal = (row: Row): boolean => FINAL.includes(row.status);
/** Nothing moves it any more but a receipt, a query or the end of its 72 hours. */
export const isSettled = (row: Row): boolean => isFinal(row) || row.status === "unknown";

export const tally = (rows: readonly Row[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

let references = 0;

/** In one request. */
const MOST_RECIPIENTS = 1_000;

/** Messages in numbers, through the API of a product that runs. */
export class Bulk {
  readonly product: Hongyan;
  /** Seeded accounts by provider. */
  accounts: Record<string, string> = {};

  constructor(product: Hongyan) {
    this.product = product;
  }

  async start(): Promise<void> {
    await this.product.start();
    const { data } = (await this.product.request("GET", "/v1/provider-accounts")).body;
    this.accounts = Object.fromEntries(data.map((one: Row) => [one.provider, one.id]));
  }

  /** From now on texts go by these providers, the first first. */
  async route(...providers: string[]): Promise<void> {
    const candidates = providers.map((provider) => ({ account: this.accounts[provider] }));
    const rules = [{ match: {}, candidates, strategy: "priority" }];
    const { status } = await this.product.request("PUT", "/v1/routes", { rules });
    expect(status).toBe(200);
  }

  order(orderNo: string): Record<string, string> {
    return { name: "Li", order_no: orderNo, carrier: "SF" };
  }

  send(to: string, more: object = {}, headers?: Record<string, string>): Promise<Reply> {
    const body = { to, template: "order-shipped", variables: this.order("1"), ...more };
    return this.product.post("/v1/messages", body, headers);
  }

  /** Texts to as many new numbers, told apart by their order unless they are to be `equal`. */
  async batch(count: number, options: { equal?: boolean; template?: string } = {}) {
    const reference = `batch-${++references}`;
    const numbers = Array.from({ length: count }, freshNumber);
    const recipients = numbers.map((to, index) => ({
      to,
      reference,
      variables:
        options.template === "promo"
          ? { name: "Li", offer: `${index}` }
          : this.order(options.equal ? "7" : `${reference}-${index}`),
    }));
    for (let from = 0; from < count; from += MOST_RECIPIENTS) {
      const some = recipients.slice(from, from + MOST_RECIPIENTS);
      const sent = await this.product.post("/v1/messages/batch", {
        template: options.template ?? "order-shipped",
        recipients: some,
      });
      expect(sent.status).toBe(202);
      expect(sent.body.accepted).toHaveLength(some.length);
    }
    return { reference, numbers };
  }

  async read(id: string): Promise<Row> {
    return (await this.product.request("GET", `/v1/messages/${id}`)).body;
  }

  /** The message once `holds`, or as it is after so many seconds. */
  until(id: string, holds: (row: Row) => boolean, seconds = 10): Promise<Row> {
    return this.product.eventually(() => this.read(id), holds, seconds);
  }

  async rows(reference: string): Promise<Row[]> {
    const rows: Row[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: string = `reference=${reference}&limit=200${cursor && `&cursor=${cursor}`}`;
      const page: Reply = await this.product.request("GET", `/v1/messages?${query}`);
      rows.push(...page.body.data);
      cursor = page.body.next_cursor;
    }
    return rows;
  }

  /** All messages of a batch once each `holds`, or as they are after so many seconds. */
  rowsUntil(reference: string, holds: (row: Row) => boolean, seconds = 15): Promise<Row[]> {
    return this.product.eventually(
      () => this.rows(reference),
      (rows) => rows.length > 0 && rows.every(holds),
      seconds,
    );
  }

  /** How many texts each of the numbers has. */
  async textsOf(numbers: readonly string[]): Promise<number[]> {
    const counts: number[] = [];
    for (let from = 0; from < numbers.length; from += 200) {
      const texts = numbers.slice(from, from + 200).map((number) => this.product.texts(number));
      counts.push(...(await Promise.all(texts)).map(({ length }) => length));
    }
    return counts;
  }
}
