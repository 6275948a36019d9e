import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readDelivery } from "../../src/triggers/receive-delivery.ts";
import { shopify } from "../../src/triggers/shops/shopify.ts";

const SECRET = "shpss_of_the_tests";

function aDelivery(topic: string, payload: unknown, secret = SECRET) {
  const body = Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
  const headers = new Headers({
    "X-Shopify-Topic": topic,
    "X-Shopify-Webhook-Id": "call-1",
    "X-Shopify-Hmac-Sha256": createHmac("sha256", secret).update(body).digest("base64"),
  });
  return { headers, body: new Uint8Array(body) };
}

function toldBy(topic: string, payload: unknown) {
  const read = readDelivery(shopify, aDelivery(topic, payload), SECRET);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}
const eventOf = (topic: string, payload: unknown) => toldBy(topic, payload)?.event ?? null;

const order = {
  id: 5_340_000_000_123,
  name: "#1001",
  total_price: "199.00",
  currency: "CNY",
  customer_locale: "en-GB",
  phone: null,
  customer: { first_name: "Ada", phone: "+447400123456" },
  shipping_address: { country_code: "GB" },
  line_items: [{ title: "Teapot" }],
  updated_at: "2026-11-20T08:00:00+08:00",
};
const parcel = {
  id: 255858046,
  order_id: 1,
  name: "#1001.1",
  status: "success",
  shipment_status: null,
  tracking_company: "SF",
  tracking_number: "SF1",
  destination: { first_name: "Ada", phone: "07400 123456", country_code: "GB", city: "Leeds" },
};

describe("a call of Shopify's", () => {
  it("about an order becomes an event with the customer's number and language", () => {
    expect(eventOf("orders/create", order)).toEqual({
      id: `shopify:order.created:${order.id}`,
      name: "order.created",
      to: "+447400123456",
      country: "GB",
      contact: null,
      occurredAt: Date.UTC(2026, 10, 20),
      data: {
        order_id: order.id,
        order_no: "#1001",
        name: "Ada",
        total: "199.00",
        currency: "CNY",
        product: "Teapot",
        locale: "en-GB",
      },
    });
  });

  it.each([
    ["orders/paid", order, "order.paid"],
    ["orders/cancelled", order, "order.canceled"],
    ["fulfillments/create", parcel, "order.shipped"],
    [
      "fulfillments/update",
      { ...parcel, shipment_status: "out_for_delivery" },
      "order.out_for_delivery",
    ],
    ["fulfillments/update", { ...parcel, shipment_status: "delivered" }, "order.delivered"],
    [
      "refunds/create",
      { id: 5, order_id: 1, transactions: [{ amount: "9.00" }] },
      "refund.created",
    ],
    ["customers/create", { id: 7, first_name: "Ada" }, "customer.created"],
    ["customers/update", { id: 7, updated_at: "2026-11-20T08:00:00Z" }, "customer.updated"],
  ])("%s is an event of its own name", (topic, payload, name) => {
    expect(eventOf(topic, payload)?.name).toBe(name);
  });

  it.each([
    ["products/update", { id: 1 }],
    ["constructor", { id: 1 }],
    ["fulfillments/update", parcel],
    ["fulfillments/update", { ...parcel, shipment_status: "toString" }],
  ])("%s that no rule could be about is none", (topic, payload) => {
    expect(eventOf(topic, payload)).toBeNull();
  });

  it("names the order, not the parcel, and reads a number as its country does", () => {
    const event = eventOf("fulfillments/create", parcel);
    expect(event?.data).toMatchObject({ order_no: "#1001", carrier: "SF", name: "Ada" });
    expect(event).toMatchObject({ to: "07400 123456", country: "GB" });
  });

  it.each([
    ["CN", { carrier: "快递", name: "顾客" }],
    ["GB", { carrier: "our courier", name: "there" }],
  ])(
    "about a parcel that nobody named in %s has words for what its text needs",
    (country, data) => {
      const destination = { ...parcel.destination, first_name: null, country_code: country };
      const call = { ...parcel, tracking_company: null, destination };
      expect(eventOf("fulfillments/create", call)?.data).toMatchObject(data);
    },
  );

  it("about the same thing is the same event, whatever its headers say", () => {
    const first = eventOf("fulfillments/create", parcel);
    const confirmed = {
      ...parcel,
      shipment_status: "confirmed",
      updated_at: "2026-11-20T09:00:00Z",
    };
    expect(eventOf("fulfillments/update", confirmed)?.id).toBe(first?.id);
    const other = eventOf("fulfillments/create", { ...parcel, id: 2 });
    expect(other?.id).not.toBe(first?.id);
    const nameless = eventOf("fulfillments/create", { ...parcel, id: undefined });
    expect(nameless?.id).toBe("shopify:order.shipped:call-1");
  });

  it("about a customer says who he is, and what he told the shop about offers by text", () => {
    const record = {
      state: "subscribed",
      opt_in_level: "single_opt_in",
      consent_updated_at: "2026-11-01T08:00:00+08:00",
      consent_collected_from: "SHOPIFY",
    };
    const said = { asked: "single_opt_in", at: Date.UTC(2026, 10, 1) };
    const to = "+447400123456";
    const customer = {
      id: 7,
      first_name: "Ada",
      locale: "en",
      phone: to,
      sms_marketing_consent: record,
    };
    const consent = { ...said, given: true, evidence: JSON.stringify(record) };
    const own = { to, name: "Ada", locale: "en", consent };
    expect(toldBy("customers/create", customer)?.customer).toEqual(own);
    const ordered = toldBy("orders/create", { ...order, phone: "+8613900000000", customer });
    expect(ordered?.customer).toEqual({ ...own, locale: "en-GB" });
    expect(ordered?.event.to).toBe("+8613900000000");
    const out = {
      ...customer,
      sms_marketing_consent: { ...record, state: "unsubscribed" },
    };
    expect(toldBy("customers/update", out)?.customer?.consent).toMatchObject({ given: false });
  });

  it.each([
    ["none", undefined],
    ["not asked", { state: "not_subscribed", consent_updated_at: "2026-11-01T00:00:00Z" }],
    ["not confirmed", { state: "pending", consent_updated_at: "2026-11-01T00:00:00Z" }],
    ["without a time", { state: "subscribed", consent_updated_at: null }],
    ["of another shape", ["subscribed"]],
  ])("with a record of consent that is %s gives none, whatever else is ticked", (_, record) => {
    const ticked = {
      id: 7,
      phone: "+447400123456",
      accepts_marketing: true,
      buyer_accepts_marketing: true,
      email_marketing_consent: { state: "subscribed", consent_updated_at: "2026-11-01T00:00:00Z" },
      sms_marketing_consent: record,
    };
    expect(toldBy("customers/create", ticked)?.customer?.consent).toBeNull();
    expect(toldBy("orders/create", { ...order, customer: ticked })?.customer?.consent).toBeNull();
  });

  it("about a gift makes nobody who receives it a customer, by number or by name", () => {
    const recipient = { first_name: "Bob", phone: "+447400999999", country_code: "GB" };
    const gift = { ...order, customer: {}, shipping_address: recipient };
    const told = toldBy("orders/create", gift);
    expect(told?.event).toMatchObject({ to: recipient.phone, data: { name: "Bob" } });
    expect(told?.customer).toMatchObject({ to: null, name: null });
    const known = { id: 7, default_address: recipient };
    expect(toldBy("customers/create", known)?.customer).toMatchObject({ to: null, name: null });
  });

  it("about a parcel or a refund makes nobody a customer", () => {
    expect(toldBy("fulfillments/create", parcel)?.customer).toBeNull();
    expect(toldBy("refunds/create", { id: 5 })?.customer).toBeNull();
  });

  it("is forged without the secret, over other bytes, or unsigned", () => {
    const good = aDelivery("orders/create", order);
    const forged = [
      aDelivery("orders/create", order, "another secret"),
      { ...good, body: new Uint8Array([...good.body, 32]) },
      { ...good, headers: new Headers({ "X-Shopify-Topic": "orders/create" }) },
    ];
    for (const one of forged) {
      expect(readDelivery(shopify, one, SECRET)).toEqual({ ok: false, error: "forged" });
    }
    expect(readDelivery(shopify, good, SECRET).ok).toBe(true);
  });

  it("keeps apart orders whose ids no number can tell apart", () => {
    const ids = ["820982911946154508", "820982911946154509"].map(
      (id) => eventOf("orders/create", `{"id": ${id}, "total_price": 19.9}`)?.id,
    );
    expect(ids).toEqual([
      "shopify:order.created:820982911946154508",
      "shopify:order.created:820982911946154509",
    ]);
  });

  it("that is signed and no JSON is unreadable", () => {
    const read = readDelivery(shopify, aDelivery("orders/create", "{"), SECRET);
    expect(read).toEqual({ ok: false, error: "unreadable" });
  });
});
