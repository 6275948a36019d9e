import { freshNumber, type Hongyan } from "./hongyan.ts";

/** A part of a JSON schema, as far as bodies of the API use it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly example?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** The least value that fits a schema; words that a rule of its own asks for come as its example. */
export function sample(schema: Schema): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [either] = schema.anyOf ?? schema.oneOf ?? [];
  if (either) return sample(either);
  switch (schema.type) {
    case "integer":
    case "number":
      return schema.minimum ?? 0;
    case "boolean":
      return true;
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}));
    case "object":
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, sample(schema.properties?.[name] ?? {})]),
      );
    default:
      return schema.format === "date-time" ? "2030-01-01T00:00:00Z" : "a word";
  }
}

/** Resources that serve all storefronts alike: a key of one may see them and change nothing. */
export const SHARED: ReadonlySet<string> = new Set(["provider-accounts", "people"]);

type Maker = (product: Hongyan, storefront: string) => Promise<string>;

const post =
  (path: string, body: (storefront: string) => object, field = "id"): Maker =>
  async (product, storefront) => {
    const made = await product.post(path, body(storefront));
    if (made.status >= 300) throw new Error(`POST ${path}: ${JSON.stringify(made.body)}`);
    return made.body[field];
  };

const first =
  (path: string): Maker =>
  async (product) =>
    (await product.request("GET", path)).body.data[0].id;

/**
 * How one resource of each kind is made in a storefront, by its name in paths such as
 * `/v1/messages/{id}`. A kind that is missing here is one whose walls nobody tested.
 */
export const MAKERS: Readonly<Record<string, Maker>> = {
  "api-keys": post("/v1/api-keys", (storefront) => ({
    name: "theirs",
    mode: "test",
    scopes: ["messages:read"],
    storefront,
  })),
  bills: async (product) => {
    const account = await first("/v1/provider-accounts")(product, "");
    const path = `/v1/bills?account=${account}&currency=CNY`;
    const made = await product.post(path, "message_id\nmsg_1", { "Content-Type": "text/csv" });
    return made.body.id;
  },
  campaigns: async (product, storefront) => {
    const own = { storefront, name: "theirs" };
    const segment = await post("/v1/segments", () => ({ ...own, filter: { all: [] } }))(
      product,
      storefront,
    );
    const body = { ...own, name: "their offer", category: "marketing", body: "hi" };
    const template = await post("/v1/templates", () => body)(product, storefront);
    return post("/v1/campaigns", () => ({
      ...own,
      objective: "activation",
      segment,
      variants: [{ name: "a", template }],
      schedule: { at: "2099-01-01T00:00:00Z" },
    }))(product, storefront);
  },
  contacts: post("/v1/contacts", (storefront) => ({ to: freshNumber(), storefront })),
  events: post("/v1/events", (storefront) => ({
    name: "order.shipped",
    to: freshNumber(),
    data: {},
    storefront,
  })),
  findings: post("/v1/findings", (storefront) => ({ title: "theirs", storefront })),
  hooks: post("/v1/hooks", (storefront) => ({
    shop: "shopify",
    secret: "a shared secret",
    storefront,
  })),
  jobs: async (product, storefront) => {
    const made = await product.request(
      "POST",
      `/v1/contacts/import?storefront=${storefront}`,
      JSON.stringify({ to: freshNumber() }),
      { "Content-Type": "application/x-ndjson" },
    );
    return made.body.job;
  },
  "keyword-rules": post("/v1/keyword-rules", (storefront) => ({
    name: "theirs",
    keywords: ["sale"],
    tag: "sale",
    storefront,
  })),
  links: post("/v1/links", (storefront) => ({ url: "https://shop.example/a", storefront }), "code"),
  "legal-holds": post("/v1/legal-holds", (storefront) => ({
    to: freshNumber(),
    reason: "a lawsuit",
    storefront,
  })),
  messages: post("/v1/messages", (storefront) => ({
    to: freshNumber(),
    template: "order-shipped",
    variables: { name: "李雷", order_no: "A1", carrier: "顺丰" },
    send_at: new Date(Date.now() + 3_600_000).toISOString(),
    storefront,
  })),
  people: post("/v1/people", () => ({
    email: `${freshNumber().slice(1)}@shop.example`,
    name: "Han Meimei",
    role: "viewer",
  })),
  "provider-accounts": first("/v1/provider-accounts"),
  replies: async (product, storefront) => {
    const to = freshNumber();
    await product.post("/v1/messages", {
      to,
      template: "order-shipped",
      variables: { name: "李雷", order_no: "A1", carrier: "顺丰" },
      storefront,
    });
    const answer = () =>
      fetch(`${product.simulator}/handsets/${to}/reply`, {
        method: "POST",
        body: JSON.stringify({ text: "thank you" }),
      });
    await product.eventually(answer, ({ ok }) => ok, 5);
    const found = await product.post("/v1/replies/search", { to, storefront });
    return found.body.data[0].id;
  },
  rules: post("/v1/rules", (storefront) => ({
    name: "theirs",
    event: "order.shipped",
    template: "order-shipped",
    enabled: false,
    storefront,
  })),
  segments: post("/v1/segments", (storefront) => ({
    name: "theirs",
    filter: { all: [] },
    storefront,
  })),
  senders: async (product, storefront) =>
    first(`/v1/senders?storefront=${storefront}`)(product, storefront),
  storefronts: async (_, storefront) => storefront,
  templates: post("/v1/templates", (storefront) => ({
    name: "theirs",
    category: "notification",
    body: "hi",
    storefront,
  })),
  verifications: async (product) => (await product.send(freshNumber())).body.id,
  "webhook-endpoints": async (product, storefront) => {
    const body = { url: `${product.simulator}/hook`, events: ["message.delivered"], storefront };
    return post("/v1/webhook-endpoints", () => body)(product, storefront);
  },
};
