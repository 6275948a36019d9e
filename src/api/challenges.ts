import { z } from "@hono/zod-openapi";
import { makeWork } from "../compliance/proof-of-work.ts";
import { base32 } from "../lib/id.ts";
import { rfc3339 } from "../lib/time.ts";
import { PURPOSES } from "../verifications/settings.ts";
import { type NumberChallenge, takeChallenge } from "../verifications/take-challenge.ts";
import { clientField } from "./client.ts";
import { countryField, REFUSALS, storefrontField } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { phoneProblem } from "./send-problems.ts";
import { define } from "./services.ts";

const type = z
  .enum(["pow", "turnstile"])
  .optional()
  .openapi({ description: "`pow` where Turnstile can't be reached, as in mainland China." });

const workSchema = z.object({
  type: z.literal("pow"),
  token: z.string(),
  difficulty: z.int(),
  expires_at: z.string(),
});
const widgetSchema = z.object({ type: z.literal("turnstile"), site_key: z.string() });

const challenge = z.union([workSchema, widgetSchema]).openapi("Challenge", {
  description:
    "`pow`: find a text `solution` without dots so that the SHA-256 of `<token>:<number in E.164>:<solution>` begins with `difficulty` zero bits, and send `challenge: {type: 'pow', token: '<token>.<solution>'}`. `turnstile`: send the widget's token; a widget with an action of its own is taken for something else.",
});

const numberChallenge = z
  .union([
    workSchema,
    widgetSchema.extend({
      action: z.string().openapi({ example: "send_code_login" }),
      cdata: z.string(),
    }),
  ])
  .openapi("NumberChallenge", {
    description:
      "`pow`: as for any number, and the harder the more speaks against the send. `turnstile`: render the widget with this `action` and `cData`, and send its token.",
  });

const take = define({
  method: "get",
  path: "/v1/challenges",
  tag: "Abuse",
  summary: "A challenge for the person who asks for a code",
  scope: "challenges:read",
  query: z.strictObject({ storefront: storefrontField, type }),
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
    const about = { storefront: storefront.id, e164: null };
    const random = { now: clock.now(), nonce: base32(randomBytes(10)) };
    const work = makeWork(keys, about, difficulty, random);
    return { status: 200, body: show({ type: "pow", ...work }) };
  },
});

const takeForNumber = define({
  method: "post",
  path: "/v1/challenges",
  tag: "Abuse",
  summary: "A challenge for the person who asks for a code to this number",
  scope: "challenges:read",
  inSandbox: true,
  hasRightOfWay: true,
  audit: { none: "it changes nothing" },
  body: z.strictObject({
    to: z.string().openapi({ example: "+86 138 0013 8000" }),
    country: countryField,
    storefront: storefrontField,
    type,
    purpose: z.enum(PURPOSES).optional(),
    client: clientField,
  }),
  answers: { 200: { description: "Good for one send to this number.", schema: numberChallenge } },
  problems: [...REFUSALS.post.filter((slug) => slug !== "conflict"), "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const taken = await takeChallenge(call.services, { ...body, storefront });
    return taken.ok ? { status: 200, body: show(taken.value) } : phoneProblem(taken.error);
  },
});

const show = (taken: NumberChallenge) =>
  taken.type === "pow"
    ? {
        type: taken.type,
        token: taken.token,
        difficulty: taken.difficulty,
        expires_at: rfc3339(taken.expiresAt),
      }
    : { type: taken.type, site_key: taken.siteKey, action: taken.action, cdata: taken.cdata };

export const challengeEndpoints = [take, takeForNumber];
