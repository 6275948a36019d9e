import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bulk, isFinal, type Row } from "./bulk.ts";
import { freshNumber, Hongyan } from "./hongyan.ts";

const product = new Hongyan();
const bulk = new Bulk(product);
const get = async (path: string) => (await product.request("GET", path)).body;

beforeAll(async () => {
  await bulk.start();
  await bulk.route("aliyun");
  const price = { amount: "0.045", currency: "CNY" };
  const account = `/v1/provider-accounts/${bulk.accounts.aliyun}`;
  expect((await product.request("PATCH", account, { price })).status).toBe(200);
});
afterAll(() => product.dispose());

/** One message, as it ends. */
async function ended(): Promise<Row> {
  const { body } = await bulk.send(freshNumber());
  return bulk.until(body.id, isFinal);
}
const entriesOf = async (message: string) =>
  (await get(`/v1/ledger/entries?message=${message}`)).data;

describe("the ledger", () => {
  it("charges what is delivered, gives back what is not, and comes to zero", async () => {
    const delivered = await ended();
    expect(delivered.status).toBe("delivered");
    await product.fault("aliyun", {
      mode: "none",
      receipt: { status: "undelivered", delay_ms: 100 },
    });
    const undelivered = await ended();
    await product.clearFaults();
    expect(undelivered.status).toBe("undelivered");
    const code = freshNumber();
    await product.send(code);

    const charge = { kind: "charge", amount: delivered.cost, segments: delivered.segments };
    expect(await entriesOf(delivered.id)).toMatchObject([charge]);
    expect(await entriesOf(undelivered.id)).toMatchObject([
      { kind: "refund", debit: `provider:${bulk.accounts.aliyun}` },
      { kind: "charge", credit: `provider:${bulk.accounts.aliyun}` },
    ]);
    const found = await product.eventually(
      () => get("/v1/ledger/check"),
      ({ ends }) => ends.charged === 2,
      5,
    );
    expect(found).toMatchObject({
      valid: true,
      sums: [{ currency: "CNY", balance: "0" }],
      ends: { charged: 2, refunded: 1, free: 0, unpriced: 0 },
      messages_without_end: 0,
    });
    const [spent] = (await get("/v1/ledger/balances?group_by=provider")).data;
    const segments = delivered.segments + 1;
    expect(spent).toMatchObject({
      ...{ key: "aliyun", currency: "CNY", segments },
      balance: String((45 * segments) / 1000),
    });
  });

  it("agrees with a provider's bill, or says where not, and knows a file it had", async () => {
    const [billed, forgotten] = [await ended(), await ended()];
    const file = [
      "message_id,segments,amount",
      `${billed.id},${billed.segments},${billed.cost.amount}`,
      "nobody-knows-it,1,0.045",
    ].join("\n");
    const after = encodeURIComponent(billed.created_at);
    const path = `/v1/bills?account=${bulk.accounts.aliyun}&currency=CNY&after=${after}&before=2100-01-01T00:00:00Z`;
    const send = () => product.post(path, file, { "Content-Type": "text/csv" });
    const { status, body } = await send();
    expect(status).toBe(202);
    const bill = await product.eventually(
      () => get(`/v1/bills/${body.id}?verdict=missing_there`),
      (one) => one.status === "done",
      5,
    );
    expect(bill.counts).toEqual({ matched: 1, missing_here: 1, missing_there: 1, different: 0 });
    expect(bill.data).toMatchObject([{ message: forgotten.id, ours: forgotten.cost && {} }]);
    const past = (cursor: string) =>
      product.request("GET", `/v1/bills/${body.id}?verdict=missing_there&cursor=${cursor}`);
    expect(await past(forgotten.id)).toMatchObject({ status: 200, body: { data: [] } });
    expect((await past("zzz")).status).toBe(422);
    expect((await get(`/v1/jobs/${body.job}`)).status).toBe("done");
    expect((await send()).body).toEqual(body);
  });
});

describe("a package", () => {
  it("makes its account's texts cost what was paid for it", async () => {
    const bought = await product.post("/v1/packages", {
      account: bulk.accounts.aliyun,
      segments: 1_000,
      price: { amount: "36", currency: "CNY" },
      expires_at: "2100-01-01T00:00:00Z",
    });
    expect(bought.body).toMatchObject({
      status: "active",
      segment_price: { amount: "0.036" },
      remaining: 1_000,
    });
    const { cost, segments } = await ended();
    expect(Number(cost.amount)).toBeCloseTo(0.036 * segments, 6);
    const { data } = await get("/v1/ledger/balances?group_by=account");
    expect(data).toContainEqual(
      expect.objectContaining({ key: "funds", currency: "CNY", credit: "36" }),
    );
    expect((await get("/v1/ledger/check")).valid).toBe(true);
  });
});
