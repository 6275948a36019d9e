import { freshNumber } from "./hongyan.ts";

/** Ids of one storefront's resources, by their names in paths. */
export type Ids = Readonly<Record<string, string>>;

const LATER = "2099-01-01T00:00:00Z";
const filled = { name: "李雷", order_no: "A1", carrier: "顺丰" };

/**
 * Bodies that do what they say with a storefront's own resources. An operation that is missing here
 * takes the least body that its schema allows.
 */
export function ownBodies(ids: Ids, to = freshNumber()): Readonly<Record<string, object>> {
  const { templates: template, segments: segment, campaigns: campaign, contacts: contact } = ids;
  const code = { to, purpose: "login" };
  const rule = { name: "mine", event: "order.paid", template, enabled: false };
  const variants = [{ name: "a", template }];
  const person = { to, reason: "a wish" };
  const consent = { scope: "marketing", source: "checkout", text_version: "1", at: LATER };
  return {
    "POST /v1/abuse-rules/refusals/search": { to },
    "POST /v1/api-keys": { name: "mine", mode: "live", scopes: ["messages:read"] },
    "POST /v1/api-keys/{id}/rotate": { overlap_seconds: 0 },
    "POST /v1/campaigns": {
      name: "mine",
      objective: "activation",
      segment,
      variants,
      schedule: { at: LATER },
    },
    "PATCH /v1/campaigns/{id}": { segment, variants },
    "POST /v1/campaigns/{id}/rollout": { variant: "a" },
    "POST /v1/campaigns/{id}/test": { to: [to] },
    "POST /v1/challenges": { to },
    "POST /v1/changes": { table: "orders", key: "1", before: null, after: { phone: to } },
    "POST /v1/complaints": { to, message: ids.messages, text: "stop" },
    "POST /v1/consents": { to, ...consent },
    "POST /v1/consents/search": { to },
    "POST /v1/contacts": { to },
    "POST /v1/contacts/search": { to },
    "POST /v1/conversions": {
      contact,
      order_id: "order 1",
      value: { amount: "1", currency: "CNY" },
    },
    "POST /v1/events": { name: "order.paid", contact, data: {} },
    "POST /v1/events/batch": { events: [{ name: "order.paid", contact, data: {} }] },
    "POST /v1/findings": { title: "mine", experiment: campaign },
    "PATCH /v1/findings/{id}": { experiment: campaign },
    "POST /v1/hooks": { shop: "shopify", secret: "a shared secret" },
    "POST /v1/keyword-rules": { name: "mine", keywords: ["sale"], answer: ids.texts },
    "PATCH /v1/keyword-rules/{id}": { answer: ids.texts },
    "POST /v1/legal-holds": { campaign, reason: "a lawsuit" },
    "POST /v1/links": { url: "https://shop.example/a", campaign },
    "POST /v1/messages": { to, template, variables: filled },
    "POST /v1/messages/batch": { recipients: [{ to, variables: filled }], template },
    "POST /v1/messages/search": { to },
    "POST /v1/packages": {
      account: ids["provider-accounts"],
      segments: 1,
      price: { amount: "1", currency: "CNY" },
      expires_at: LATER,
    },
    "POST /v1/people": {
      email: `${freshNumber().slice(1)}@shop.example`,
      name: "Li",
      role: "viewer",
    },
    "POST /v1/privacy/erasures": person,
    "POST /v1/privacy/exports": { to },
    "POST /v1/provider-accounts": {
      provider: "smsbao",
      name: "mine",
      credentials: { username: "u", password: "p" },
    },
    "POST /v1/provider-accounts/{id}/rotate-callback": { overlap_seconds: 0 },
    "POST /v1/provider-accounts/{id}/test": { to },
    "POST /v1/replies/search": { to },
    "PUT /v1/routes": { rules: [] },
    "POST /v1/routes/explain": { to, category: "notification", template },
    "POST /v1/rules": rule,
    "PATCH /v1/rules/{id}": { template },
    "POST /v1/rules/rehearse": { rule: ids.rules, last: 1 },
    "POST /v1/rules/rehearse rule.template": { rule, last: 1 },
    "POST /v1/segments": { name: "mine", filter: { all: [] } },
    "POST /v1/segments/preview": { filter: { all: [] } },
    "POST /v1/senders": { name: "第二商城" },
    "POST /v1/storefronts": {
      name: "Third",
      domain: "third.example",
      default_country: "CN",
      timezone: "Asia/Shanghai",
      locale: "zh-CN",
      currency: "CNY",
    },
    "PATCH /v1/storefronts/{id}": { sender: ids.senders },
    "POST /v1/suppressions": { to, scope: "all", reason: "a wish" },
    "DELETE /v1/suppressions": { to, scope: "all", reason: "a wish" },
    "POST /v1/templates": {
      name: "mine",
      category: "notification",
      body: "hi",
      sender: ids.senders,
    },
    "PATCH /v1/templates/{id}": { sender: ids.senders },
    "POST /v1/templates/preview": { template, sender: ids.senders },
    "POST /v1/verifications": code,
    "POST /v1/verifications/assess": code,
    "POST /v1/verifications/check": { ...code, code: "1" },
    "POST /v1/verifications/{id}/check": { code: "1" },
    "POST /v1/webhook-endpoints": {
      url: `${ids.simulator}/hook`,
      events: ["message.delivered"],
    },
    "POST /v1/webhook-endpoints/{id}/replay": { event: "evt_1" },
  };
}
