import { z } from "zod";

/** The variables and secrets of `wrangler.toml`, checked once an isolate. */
const schema = z.object({
  ROOT_KEY: z.string().min(32),
  IDENTITY_KEY: z.string().min(1),
  DATA_KEYS: z.string().min(1),
  PUBLIC_ORIGIN: z.url(),
  SIMULATOR_ORIGIN: z.union([z.literal(""), z.url()]).default(""),
  CLOCK_OFFSET_SECONDS: z.coerce.number().int().default(0),
});

export type Config = z.infer<typeof schema>;

/** Throws with the names of what is missing or wrong, never with a value. */
export function readConfig(env: unknown): Config {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map((issue) => issue.path.join("."));
  throw new Error(`wrong or missing: ${[...new Set(names)].join(", ")}`);
}
