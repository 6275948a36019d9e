import { z } from "zod";

/** The variables and secrets of `wrangler.toml`, checked once an isolate. */
const schema = z.object({
  ROOT_KEY: z.string().min(32),
  IDENTITY_KEY: z.string().min(1),
  DATA_KEYS: z.string().min(1),
  RELAY_SECRET: z.union([z.literal(""), z.string().min(32)]).default(""),
  TURNSTILE_SITE_KEY: z.string().default(""),
  TURNSTILE_SECRET: z.string().default(""),
  PUBLIC_ORIGIN: z.url(),
  SIMULATOR_ORIGIN: z.union([z.literal(""), z.url()]).default(""),
  CLOCK_OFFSET_SECONDS: z.coerce.number().int().default(0),
  ALLOW_LOCAL_TARGETS: z.string().default(""),
  TRUSTED_PROXY: z
    .union([z.literal(["none", "cloudflare"]), z.templateLiteral(["header:", z.string().min(1)])])
    .default("cloudflare"),
  ACCESS_TEAM: z
    .string()
    .regex(/^[a-z0-9-]*$/)
    .default(""),
  ACCESS_AUDIENCE: z.string().default(""),
  RUNS_ON: z.enum(["cloudflare", "local"]).default("cloudflare"),
  /** The starter restarts workerd once it is prepared: until then nothing may leave. */
  STAGE: z.enum(["preparing", "open"]).default("open"),
});

export type Config = z.infer<typeof schema>;

/** Throws with the names of what is missing or wrong, never with a value. */
export function readConfig(env: unknown): Config {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => issue.path.join("."));
    throw new Error(`wrong or missing: ${[...new Set(names)].join(", ")}`);
  }
  const config = parsed.data;
  const dangerous =
    config.CLOCK_OFFSET_SECONDS !== 0 ||
    config.ALLOW_LOCAL_TARGETS !== "" ||
    config.SIMULATOR_ORIGIN !== "";
  if (config.RUNS_ON !== "local" && dangerous) {
    throw new Error(
      "CLOCK_OFFSET_SECONDS, ALLOW_LOCAL_TARGETS and SIMULATOR_ORIGIN are for one's own machine",
    );
  }
  return config;
}
