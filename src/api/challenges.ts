import { z } from "@hono/zod-openapi";
import { makeWork } from "../compliance/proof-of-work.ts";
import { base32 } from "../lib/id.ts";
import { rfc3339 } from "../lib/time.ts";
import { REFUSALS, storefrontField } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { define } from "./services.ts";

const type = z.enum(["pow", "turnstile"]);

const challenge = z
  .union([
    z.object({
      type: z.literal("pow"),
      token: z.string(),
      difficulty: z.int(),
      expires_at: z.string(),
    }),
    z.object({ type: z.literal("turnstile"), site_key: z.string() }),
  ])
  .openapi("Challenge", {
    description:
      "`pow`: find a text `solution` without dots so that the SHA-256 of `<token>:<number in E.164>:<solution>` begins with `difficulty` zero bits, and send `challenge: {type: 'pow', token: '<token>.<solution>'}`. `turnstile`: send the widget's token.",
  });

const take = define({
  method: "get",
  path: "/v1/challenges",
  tag: "Abuse",
  summary: "A challenge for the person who asks for a code",
  scope: "challenges:read",
  query: z.strictObject({
    storefront: storefrontField,
    type: type.optional().openapi({
      description: "`pow` where Turnstile can't be reached, as in mainland China.",
    }),
  }),
  answers: { 200: { description: "Good for one send to one number.", schema: challenge } },
  problems: REFUSALS.list,
  async handle(call, { query }) {
    const storefront = call.storefront(query.storefront);
    if (!storefront) return noStorefront();
    const { keys, clock, randomBytes, abuse, turnstileSiteKey } = call.services;
    if (turnstileSiteKey !== null && query.type !== "pow") {
      return { status: 200, body: { type: "turnstile", site_key: turnstileSiteKey } };
    }
    const { difficulty } = abuse.rulesOf(storefront.id).challenge;
    const nonce = base32(randomBytes(10));
    const work = makeWork(keys, storefront.id, difficulty, { now: clock.now(), nonce });
    const { token, expiresAt } = work;
    return {
      status: 200,
      body: { type: "pow", token, difficulty, expires_at: rfc3339(expiresAt) },
    };
  },
});

export const challengeEndpoints = [take];
