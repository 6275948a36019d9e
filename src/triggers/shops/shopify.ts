import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { sameBytes } from "../../lib/keys.ts";
import type { CustomerPlaces, Shop, Topic } from "./shop.ts";

const NAME = ["customer.first_name", "shipping_address.first_name", "billing_address.first_name"];
const PHONE = [
  "phone",
  "customer.phone",
  "shipping_address.phone",
  "billing_address.phone",
  "customer.default_address.phone",
];
const COUNTRY = ["shipping_address.country_code", "billing_address.country_code"];

/** Whichever number the parcel goes to; a ticked box for mail says nothing. */
const customerAt = (path: "" | "customer."): CustomerPlaces => ({
  to: `${path}phone`,
  name: `${path}first_name`,
  consent: {
    record: `${path}sms_marketing_consent`,
    state: "state",
    given: ["subscribed"],
    withdrawn: ["unsubscribed"],
    asked: "opt_in_level",
    at: "consent_updated_at",
  },
});

/** An order as it was placed, paid for or canceled. */
const order = (event: string): Topic => ({
  event,
  identity: ["id"],
  to: PHONE,
  country: COUNTRY,
  locale: ["customer_locale", "customer.locale"],
  customer: customerAt("customer."),
  data: {
    order_id: ["id"],
    order_no: ["name", "order_number"],
    name: NAME,
    total: ["total_price", "current_total_price"],
    currency: ["currency"],
    product: ["line_items.0.title"],
    reason: ["cancel_reason"],
  },
  occurredAt: ["updated_at", "created_at"],
});

/** A parcel; `data` says by its state where it is. */
const parcel = {
  to: ["destination.phone"],
  country: ["destination.country_code"],
  data: {
    order_id: ["order_id"],
    // `#1001.1` is the first parcel of order #1001.
    order_no: [{ at: "name", take: /^(.+?)(?:\.\d+)?$/ }, "order_id"],
    name: ["destination.first_name", "destination.name"],
    carrier: ["tracking_company"],
    tracking_no: ["tracking_number"],
    tracking_url: ["tracking_url"],
    city: ["destination.city"],
  },
  // Own delivery, or nobody entered who carries it; nobody has to give a first name.
  otherwise: {
    carrier: { CN: "快递", "*": "our courier" },
    name: { CN: "顾客", "*": "there" },
  },
  occurredAt: ["updated_at", "created_at"],
};

const customer = (event: string, identity: readonly string[]): Topic => ({
  event,
  identity,
  to: ["phone", "default_address.phone"],
  country: ["default_address.country_code"],
  locale: ["locale"],
  customer: customerAt(""),
  data: {
    customer_id: ["id"],
    name: ["first_name"],
    orders: ["orders_count"],
    spent: ["total_spent"],
    tags: ["tags"],
  },
  occurredAt: ["updated_at", "created_at"],
});

const SIGNATURE_HEADER = "X-Shopify-Hmac-Sha256";

export const shopify: Shop = {
  id: "shopify",
  signatureHeader: SIGNATURE_HEADER,
  isSigned({ headers, body }, secret) {
    const claimed = headers.get(SIGNATURE_HEADER) ?? "";
    const signature = createHmac("sha256", secret).update(body).digest("base64");
    return sameBytes(Buffer.from(claimed), Buffer.from(signature));
  },
  topicOf: (headers) => headers.get("X-Shopify-Topic") ?? "",
  deliveryOf: (headers) => headers.get("X-Shopify-Webhook-Id"),
  topics: {
    "orders/create": order("order.created"),
    "orders/paid": order("order.paid"),
    "orders/cancelled": order("order.canceled"),
    "fulfillments/create": { ...parcel, event: "order.shipped", identity: ["id"] },
    "fulfillments/update": {
      ...parcel,
      event: {
        of: "shipment_status",
        by: {
          confirmed: "order.shipped",
          in_transit: "order.in_transit",
          out_for_delivery: "order.out_for_delivery",
          delivered: "order.delivered",
        },
      },
      identity: ["id"],
    },
    "refunds/create": {
      event: "refund.created",
      identity: ["id"],
      to: ["order.phone", "order.customer.phone", "order.shipping_address.phone", "phone"],
      follows: {
        events: ["order.created", "order.paid"],
        identity: ["order_id"],
        take: ["order_no", "name", "locale"],
      },
      data: {
        order_id: ["order_id"],
        order_no: ["order.name", "order_id"],
        name: ["order.customer.first_name"],
        amount: ["transactions.0.amount"],
        currency: ["transactions.0.currency"],
      },
      occurredAt: ["processed_at", "created_at"],
    },
    "customers/create": customer("customer.created", ["id"]),
    "customers/update": customer("customer.updated", ["id", "updated_at"]),
  },
};
