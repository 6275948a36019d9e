import type { Context } from "hono";
import type { Database } from "../db/client.ts";
import type { Keys } from "../lib/keys.ts";
import { followEvent } from "../triggers/follow-event.ts";
import { publishEvents } from "../triggers/publish-events.ts";
import { type CustomerDeps, receiveCustomer } from "../triggers/receive-customer.ts";
import { readDelivery } from "../triggers/receive-delivery.ts";
import type { TriggerWorld } from "../triggers/run-due.ts";
import { shops } from "../triggers/shops/registry.ts";
import { pageHooks } from "../triggers/store.ts";
import { BODY_LIMIT } from "./body.ts";
import type { Api } from "./endpoint.ts";
import type { PushedBodies } from "./pushed-body.ts";

export interface ShopHookDeps {
  readonly db: Database;
  readonly keys: Keys;
  readonly bodies: Pick<PushedBodies, "read">;
  readonly customers: CustomerDeps;
  readonly open: (later: (work: Promise<unknown>) => void) => Promise<TriggerWorld>;
}

/** How a hook is found by the token of its URL, which is stored nowhere. */
export const hookTokenName = (keys: Pick<Keys, "identify">, token: string): string =>
  keys.identify("hook token", token);

export const hookSecretIn = (id: string): string => `hooks|secret|${id}`;

/** A refusal says nothing, not even what it is a refusal of. */
const nothing = (status: 200 | 400 | 401 | 404 | 408 | 413 | 503) => new Response(null, { status });

/** Where shop systems call us: what is signed with the hook's secret becomes an event, once. */
export function mountShopHooks(api: Api, deps: ShopHookDeps): void {
  const { db, keys } = deps;
  api.post("/hooks/:shop/:token", async (context: Context) => {
    const name = context.req.param("shop") ?? "";
    const shop = Object.hasOwn(shops, name) ? shops[name] : undefined;
    const tokenName = hookTokenName(keys, context.req.param("token") ?? "");
    const [hook] = shop ? await pageHooks(db, { tokenName }, 1) : [];
    if (!shop || hook?.shop !== shop.id) return nothing(404);
    if (!context.req.raw.headers.has(shop.signatureHeader)) return nothing(401);
    const body = await deps.bodies.read(context.req.raw, BODY_LIMIT);
    if (typeof body === "number") return nothing(body);
    const secret = keys.unseal(hook.secretSealed, hookSecretIn(hook.id));
    const read = readDelivery(shop, { headers: context.req.raw.headers, body }, secret);
    if (!read.ok) return nothing(read.error === "forged" ? 401 : 400);
    if (!read.value) return nothing(200);
    const world = await deps.open((work) => context.executionCtx.waitUntil(work));
    const storefront = world.storefronts.find((one) => one.id === hook.storefront);
    if (!storefront) return nothing(404);
    const event = await followEvent(read.value.event, read.value.follows, (id) =>
      world.events.find(storefront.id, false, id),
    );
    // An old call once more would take back what was said since.
    const known = await world.events.matchedOf(storefront.id, false, [event.id ?? ""]);
    // The contact first: the text is in his language, and a crash leaves it to the shop's next try.
    if (known.size === 0) await receiveCustomer(deps.customers, storefront, shop.id, read.value);
    await publishEvents(world, storefront, [event]);
    return nothing(200);
  });
}
