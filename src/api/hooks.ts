import { Buffer } from "node:buffer";
import { z } from "@hono/zod-openapi";
import { rfc3339 } from "../lib/time.ts";
import { shops } from "../triggers/shops/registry.ts";
import { deleteHook, type Hook, insertHook, pageHooks } from "../triggers/store.ts";
import { answerPage, pageQuery, pageSchema, REFUSALS, storefrontField } from "./common.ts";
import { type Call, noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { define, type Services } from "./services.ts";
import { hookSecretIn, hookTokenName } from "./shop-hooks.ts";

const TOKEN_BYTES = 24;

const hookSchema = z
  .object({
    id: z.string(),
    storefront: z.string(),
    shop: z.string(),
    topics: z.array(z.string()).openapi({ description: "What the shop may call us about." }),
    created_at: z.string(),
  })
  .openapi("Hook");

const newHookSchema = hookSchema
  .extend({ url: z.string().openapi({ description: "For the shop; shown this once." }) })
  .openapi("NewHook");

const show = (hook: Hook) => ({
  id: hook.id,
  storefront: hook.storefront,
  shop: hook.shop,
  topics: Object.keys(shops[hook.shop]?.topics ?? {}),
  created_at: rfc3339(hook.createdAt),
});

/** The hook of an id, as far as the caller may see it. */
async function ownHook(call: Call<Services>, id: string | undefined): Promise<Hook | null> {
  const filter = { id: id ?? "", storefront: call.principal.storefront ?? undefined };
  return (await pageHooks(call.services.db, filter, 1))[0] ?? null;
}

const create = define({
  method: "post",
  path: "/v1/hooks",
  tag: "Triggers",
  summary: "Let a shop system tell us what happens",
  scope: "hooks:write",
  audit: "hooks.create",
  stepUp: true,
  body: z.strictObject({
    shop: z
      .string()
      .refine(
        (shop) => Object.hasOwn(shops, shop),
        `must be one of ${Object.keys(shops).join(", ")}`,
      )
      .openapi({ example: "shopify" }),
    secret: z
      .string()
      .min(8)
      .max(512)
      .openapi({ description: "What the shop signs its calls with. It is kept sealed." }),
    storefront: storefrontField,
  }),
  answers: { 201: { description: "With its URL, shown this once.", schema: newHookSchema } },
  problems: REFUSALS.post,
  async handle(call, { body }) {
    const { services } = call;
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const id = services.newId("hok");
    const token = Buffer.from(services.randomBytes(TOKEN_BYTES)).toString("hex");
    const hook: Hook = {
      id,
      storefront: storefront.id,
      shop: body.shop,
      tokenName: hookTokenName(services.keys, token),
      secretSealed: services.keys.seal(body.secret, hookSecretIn(id)),
      createdAt: services.clock.now(),
    };
    await insertHook(services.db, hook);
    const url = `${services.publicOrigin}/hooks/${body.shop}/${token}`;
    return { status: 201, body: { ...show(hook), url } };
  },
});

const list = define({
  method: "get",
  path: "/v1/hooks",
  tag: "Triggers",
  summary: "Hooks of shop systems, newest first",
  scope: "hooks:read",
  query: z.strictObject({ ...pageQuery, storefront: storefrontField }),
  answers: { 200: { description: "One page.", schema: pageSchema(hookSchema) } },
  problems: REFUSALS.list,
  async handle(call, { query: { limit, cursor, storefront } }) {
    if (storefront !== undefined && !call.storefront(storefront)) return noStorefront();
    const filter = { storefront: call.principal.storefront ?? storefront, below: cursor };
    return answerPage(await pageHooks(call.services.db, filter, limit + 1), limit, show);
  },
});

const read = define({
  method: "get",
  path: "/v1/hooks/{id}",
  tag: "Triggers",
  summary: "One hook, without its URL and secret",
  scope: "hooks:read",
  answers: { 200: { description: "As it stands.", schema: hookSchema } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownHook(call, params.id);
    return found ? { status: 200, body: show(found) } : problem("not-found");
  },
});

const remove = define({
  method: "delete",
  path: "/v1/hooks/{id}",
  tag: "Triggers",
  summary: "Delete a hook: the shop is not heard any more",
  scope: "hooks:write",
  audit: "hooks.delete",
  answers: { 200: { description: "It is gone.", schema: z.object({ id: z.string() }) } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await ownHook(call, params.id);
    if (!found) return problem("not-found");
    await deleteHook(call.services.db, found.id);
    return { status: 200, body: { id: found.id }, storefront: found.storefront };
  },
});

export const hookEndpoints = [create, list, read, remove];
