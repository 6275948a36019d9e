import { z } from "@hono/zod-openapi";
import { ROLES } from "../access/roles.ts";
import { SCOPES } from "../access/scopes.ts";
import { REFUSALS } from "./common.ts";
import { define } from "./services.ts";

const sessionSchema = z
  .object({
    id: z.string(),
    kind: z.enum(["person", "key", "root"]),
    name: z.string().nullable(),
    email: z.string().nullable(),
    role: z.enum(ROLES).nullable(),
    storefront: z.string().nullable().openapi({ description: "Null: all of them." }),
    scopes: z.array(z.string()),
    is_fresh: z
      .boolean()
      .openapi({ description: "Whether what takes a fresh proof would be let through." }),
    two_factor: z.boolean(),
  })
  .openapi("Session");

const read = define({
  method: "get",
  path: "/v1/session",
  tag: "Access",
  summary: "Who is asking, and what he may do",
  scope: null,
  answers: { 200: { description: "The caller.", schema: sessionSchema } },
  problems: REFUSALS.read,
  async handle({ principal }) {
    const { id, person, storefront } = principal;
    const kind = person ? "person" : id === "root" ? "root" : "key";
    return {
      status: 200,
      body: {
        id,
        kind,
        name: person?.name ?? null,
        email: person?.email ?? null,
        role: person?.role ?? null,
        storefront,
        scopes: SCOPES.filter((scope) => principal.can(scope)),
        is_fresh: person?.isFresh ?? true,
        two_factor: person?.twoFactorEnabled ?? false,
      },
    };
  },
});

export const sessionEndpoints = [read];
