import { z } from "@hono/zod-openapi";
import { FEATURES, type Flags, STOPPABLE, type Stop } from "../flags/flags.ts";
import type { FlagChange } from "../flags/store.ts";
import { rfc3339 } from "../lib/time.ts";
import { CATEGORIES } from "../messages/message.ts";
import { providers } from "../providers/registry.ts";
import { REFUSALS } from "./common.ts";
import { invalid, problem } from "./problem.ts";
import { define } from "./services.ts";

const MOST_AT_ONCE = 100;

const stopSchema = z.object({ stopped: z.literal(true), reason: z.string(), since: z.string() });

const flagsSchema = z
  .object({
    stops: z.object({
      categories: z.partialRecord(z.enum(CATEGORIES), stopSchema),
      providers: z.record(z.string(), stopSchema),
      storefronts: z.record(z.string(), stopSchema),
    }),
    features: z.record(z.enum(FEATURES), z.boolean()),
  })
  .openapi("Flags");

const switchSchema = z.strictObject({
  stopped: z.boolean(),
  reason: z.string().trim().max(200).default("").openapi({
    description: "Stands in the traces of what is held, so it names nobody and no number.",
  }),
});
const switches = z
  .record(z.string().min(1).max(64), switchSchema)
  .refine((value) => Object.keys(value).length <= MOST_AT_ONCE, "are too many");

const patchSchema = z.strictObject({
  stops: z
    .strictObject({
      categories: z.partialRecord(z.enum(CATEGORIES), switchSchema).optional(),
      providers: switches.optional(),
      storefronts: switches.optional(),
    })
    .optional(),
  features: z.partialRecord(z.enum(FEATURES), z.boolean()).optional(),
});

const showStops = (stops: ReadonlyMap<string, Stop>, isShown: (name: string) => boolean) =>
  Object.fromEntries(
    [...stops]
      .filter(([name]) => isShown(name))
      .map(([name, { reason, since }]) => [name, { stopped: true, reason, since: rfc3339(since) }]),
  );

/** A key of one storefront sees what concerns it. */
const show = ({ stops, features }: Flags, storefront: string | null) => ({
  stops: {
    categories: showStops(stops.categories, () => true),
    providers: showStops(stops.providers, () => true),
    storefronts: showStops(stops.storefronts, (name) => storefront === null || name === storefront),
  },
  features,
});

function changesOf({ stops = {}, features = {} }: z.infer<typeof patchSchema>): FlagChange[] {
  const stopped = STOPPABLE.flatMap((kind) =>
    Object.entries(stops[kind] ?? {}).map(([name, { stopped: off, reason }]) => ({
      kind,
      name,
      off,
      reason,
    })),
  );
  const switched = Object.entries(features).map(([name, on]) => ({
    kind: "features" as const,
    name,
    off: !on,
    reason: "",
  }));
  return [...stopped, ...switched];
}

const read = define({
  method: "get",
  path: "/v1/flags",
  tag: "Operations",
  summary: "What is stopped, and which features are on",
  scope: "flags:read",
  query: z.strictObject({}),
  answers: { 200: { description: "As they are in force.", schema: flagsSchema } },
  problems: REFUSALS.list,
  async handle({ services, principal }) {
    return { status: 200, body: show(services.flags, principal.storefront) };
  },
});

const merge = define({
  method: "put",
  path: "/v1/flags",
  tag: "Operations",
  summary: "Stop a category, a provider or a storefront, lift a stop, switch a feature",
  scope: "flags:write",
  audit: "flags.update",
  body: patchSchema,
  answers: {
    200: {
      description: "All of them, in force from now on. What was held goes out after its stop.",
      schema: flagsSchema,
    },
  },
  problems: REFUSALS.write,
  async handle({ services, principal }, { body }) {
    if (principal.storefront !== null) {
      return problem("forbidden", "Flags hold for all storefronts; this key is bound to one.");
    }
    const changes = changesOf(body);
    const exists = {
      categories: () => true,
      providers: (name: string) => Object.hasOwn(providers, name),
      storefronts: (name: string) => services.storefronts.some((one) => one.id === name),
      features: () => true,
    };
    const unknown = changes.find(({ kind, name, off }) => off && !exists[kind](name));
    if (unknown) return invalid(`stops.${unknown.kind}.${unknown.name}`, "does not exist");
    return { status: 200, body: show(await services.changeFlags(changes), null) };
  },
});

export const flagEndpoints = [read, merge];
