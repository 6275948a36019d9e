import { OpenAPIHono } from "@hono/zod-openapi";
import { abuseEndpoints } from "./api/abuse.ts";
import { apiKeyEndpoints } from "./api/api-keys.ts";
import { auditEndpoints } from "./api/audit.ts";
import { challengeEndpoints } from "./api/challenges.ts";
import { type Api, methodsOf, mount } from "./api/endpoint.ts";
import { messageSendEndpoints } from "./api/message-sends.ts";
import { messageEndpoints } from "./api/messages.ts";
import { mountPages } from "./api/pages.ts";
import { problem, problemResponse, problemUntil } from "./api/problem.ts";
import { providerAccountHealthEndpoints } from "./api/provider-account-health.ts";
import { providerAccountEndpoints } from "./api/provider-accounts.ts";
import { routeExplanationEndpoints } from "./api/route-explanations.ts";
import { routeEndpoints } from "./api/routes.ts";
import { sandboxEndpoints } from "./api/sandbox.ts";
import { senderEndpoints } from "./api/senders.ts";
import { settingsEndpoints } from "./api/settings.ts";
import { storefrontEndpoints } from "./api/storefronts.ts";
import { templatePreviewEndpoints } from "./api/template-preview.ts";
import { templateReviewEndpoints } from "./api/template-reviews.ts";
import { templateEndpoints } from "./api/templates.ts";
import { verificationEndpoints } from "./api/verifications.ts";
import { mountWebhooks } from "./api/webhooks.ts";
import type { Deps } from "./deps.ts";
import { base32 } from "./lib/id.ts";

const OTHER_PATHS = [
  { method: "get", path: "/healthz" },
  { method: "get", path: "/openapi.json" },
  { method: "get", path: "/docs" },
];

/** A fault that passes: the object was moved or the database restarted, and nothing was answered. */
const isPassing = (error: unknown): boolean =>
  error instanceof Error &&
  ("retryable" in error ||
    "overloaded" in error ||
    "durableObjectReset" in error ||
    error.message.startsWith("D1_ERROR") ||
    isPassing(error.cause));

/** Everything that takes a key. */
export const endpoints = [
  ...verificationEndpoints,
  ...messageEndpoints,
  ...messageSendEndpoints,
  ...settingsEndpoints,
  ...abuseEndpoints,
  ...challengeEndpoints,
  ...providerAccountEndpoints,
  ...providerAccountHealthEndpoints,
  ...routeEndpoints,
  ...routeExplanationEndpoints,
  ...templateEndpoints,
  ...templatePreviewEndpoints,
  ...templateReviewEndpoints,
  ...senderEndpoints,
  ...storefrontEndpoints,
  ...apiKeyEndpoints,
  ...auditEndpoints,
  ...sandboxEndpoints,
];

export function createApp(deps: Deps): Api {
  const api: Api = new OpenAPIHono();

  api.use(async (context, next) => {
    const requestId = `req_${base32(deps.randomBytes(15))}`;
    context.set("requestId", requestId);
    await next();
    const { headers } = context.res;
    headers.set("X-Request-Id", requestId);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
  });

  for (const one of endpoints) mount(api, deps.api, one as never);
  mountWebhooks(api, deps.webhooks);
  mountPages(api);

  api.get("/healthz", async (context) => {
    await deps.ping();
    return context.json({ status: "ok" });
  });
  api.openAPIRegistry.registerComponent("securitySchemes", "key", {
    type: "http",
    scheme: "bearer",
  });
  api.get("/openapi.json", (context) =>
    context.json(
      api.getOpenAPI31Document({
        openapi: "3.1.0",
        info: {
          title: "Hongyan",
          version: "1",
          description: "The messaging platform of an e-commerce company.",
        },
      }),
    ),
  );

  api.notFound((context) => {
    const allowed = methodsOf([...endpoints, ...OTHER_PATHS], context.req.path);
    const refused =
      allowed.length > 0
        ? problem("method-not-allowed", undefined, { headers: { Allow: allowed.join(", ") } })
        : problem("not-found", "There is no such path.");
    return problemResponse(refused, context.var.requestId);
  });
  api.onError((error, context) => {
    const { requestId } = context.var;
    const path = context.req.routePath;
    deps.logError("request-failed", {
      request_id: requestId,
      method: context.req.method,
      path,
      name: error.name,
      // A failed query's second line holds its values.
      message: error.message.split("\n", 1)[0],
    });
    return problemResponse(
      isPassing(error)
        ? problemUntil("service-unavailable", "A part of the platform is being restarted.", 1)
        : problem("internal-error"),
      requestId,
    );
  });
  return api;
}
