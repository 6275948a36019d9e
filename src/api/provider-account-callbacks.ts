import { z } from "@hono/zod-openapi";
import { SECOND } from "../lib/time.ts";
import { REFUSALS } from "./common.ts";
import { problem } from "./problem.ts";
import { accountSchema, showAccount, wholeInstallation } from "./provider-accounts.ts";
import { define } from "./services.ts";

const LONGEST_OVERLAP_SECONDS = 30 * 86_400;

const rotate = define({
  method: "post",
  path: "/v1/provider-accounts/{id}/rotate-callback",
  tag: "Providers and routing",
  summary: "Give an account other callback URLs; the old ones are good for the overlap",
  scope: "provider_accounts:write",
  audit: "provider_accounts.rotate_callback",
  stepUp: true,
  body: z.strictObject({
    overlap_seconds: z.int().min(0).max(LONGEST_OVERLAP_SECONDS).openapi({
      description: "Long enough to tell the vendor; receipts of older texts come to the old ones.",
    }),
  }),
  answers: {
    201: { description: "With its new URLs. One from before is dead.", schema: accountSchema },
  },
  problems: REFUSALS.post,
  async handle(call, { body, params }) {
    const { services, principal } = call;
    if (principal.storefront !== null) return wholeInstallation();
    const overlapMs = body.overlap_seconds * SECOND;
    const account = await services.routing.rotateToken(params.id ?? "", overlapMs);
    return account ? { status: 201, body: showAccount(account, call) } : problem("not-found");
  },
});

export const providerAccountCallbackEndpoints = [rotate];
