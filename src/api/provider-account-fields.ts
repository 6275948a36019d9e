import { z } from "@hono/zod-openapi";
import { LEDGER_DECIMAL } from "../lib/micros.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { TargetRules } from "../lib/target.ts";
import type { Provider } from "../providers/provider.ts";
import { COUNTRIES } from "../routing/countries.ts";
import { type FieldError, type Problem, problem } from "./problem.ts";
import { readTarget, targetProblem } from "./target.ts";

const countries: ReadonlySet<string> = new Set(["*", ...COUNTRIES.map((one) => one.country)]);

export const moneySchema = z.strictObject({
  amount: z
    .string()
    .regex(LEDGER_DECIMAL, "must be a decimal such as 0.045, of at most six places"),
  currency: z.string().regex(/^[A-Z]{3}$/, "must be an ISO 4217 code"),
});

/** One price stands for all countries. */
const priceSchema = z.preprocess(
  (value) => (typeof value === "object" && value && "amount" in value ? { "*": value } : value),
  z.record(z.string(), moneySchema).check(({ value, issues }) => {
    for (const name of Object.keys(value).filter((one) => !countries.has(one))) {
      const message = "is neither a country code nor *";
      issues.push({ code: "custom", input: value, path: [name], message });
    }
  }),
);

/** What an account may be told; null goes back to the vendor's own. */
export const accountFields = {
  name: z.string().trim().min(1).max(100),
  credentials: z.record(z.string(), z.unknown()),
  endpoint: z.string().max(2048).nullable(),
  relay: z.string().max(2048).nullable(),
  limits: z.strictObject({ per_second: z.int().min(1).max(100_000).nullable() }).nullable(),
  price: priceSchema.nullable(),
  refunds: z.boolean().nullable(),
  enabled: z.boolean(),
};

/** Where an account is reached. */
export async function readEndpoint(
  text: string,
  targets: TargetRules,
): Promise<Result<string, Problem>> {
  const target = await readTarget("endpoint", text, targets);
  return target.ok ? ok(target.value.href) : target;
}

/** An origin alone; a relay listens on the port that its owner chose. */
export async function readRelay(
  text: string,
  targets: TargetRules,
): Promise<Result<string, Problem>> {
  const target = await readTarget("relay", text, targets, "any");
  if (!target.ok) return target;
  const { origin, pathname, search } = target.value;
  return pathname === "/" && search === ""
    ? ok(origin)
    : fail(targetProblem("relay", "must be an origin, without a path"));
}

/** Credentials as the vendor's own fields; a refusal names fields and never a value. */
export function readCredentials(provider: Provider, value: unknown): Result<unknown, Problem> {
  const parsed = provider.credentials.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const errors = parsed.error.issues.flatMap((issue): FieldError[] => {
    const path = ["credentials", ...issue.path].join(".");
    if (issue.code !== "unrecognized_keys") return [{ path, message: messageOf(issue.code) }];
    return issue.keys.map((key) => ({
      path: `${path}.${key}`,
      message: "is not a field of this provider's credentials",
    }));
  });
  const [first] = errors;
  const detail = first && `${first.path}: ${first.message}`;
  return fail(problem("invalid-request", detail, { errors }));
}

const messageOf = (code: string): string =>
  code === "invalid_type" ? "is missing or of the wrong type" : "is not as the provider writes it";
