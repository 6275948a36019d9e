import { OpenAPIHono } from "@hono/zod-openapi";
import { abuseEndpoints } from "./api/abuse.ts";
import { abuseRefusalEndpoints } from "./api/abuse-refusals.ts";
import { apiKeyEndpoints } from "./api/api-keys.ts";
import { auditEndpoints } from "./api/audit.ts";
import { mountAuth } from "./api/auth.ts";
import { passkeyRoutes } from "./api/auth-passkeys.ts";
import { authRoutes } from "./api/auth-routes.ts";
import { billEndpoints } from "./api/bills.ts";
import { campaignDecisionEndpoints } from "./api/campaign-decisions.ts";
import { campaignReportEndpoints } from "./api/campaign-report.ts";
import { campaignRolloutEndpoints } from "./api/campaign-rollout.ts";
import { campaignTrialEndpoints } from "./api/campaign-trials.ts";
import { campaignEndpoints } from "./api/campaigns.ts";
import { challengeEndpoints } from "./api/challenges.ts";
import { changeEndpoints } from "./api/changes.ts";
import { complaintEndpoints } from "./api/complaints.ts";
import { consentEndpoints } from "./api/consents.ts";
import { contactImportEndpoints } from "./api/contact-imports.ts";
import { contactEndpoints } from "./api/contacts.ts";
import { contentRuleEndpoints } from "./api/content-rules.ts";
import { conversionEndpoints } from "./api/conversions.ts";
import { type Api, methodsOf, mount } from "./api/endpoint.ts";
import { eventEndpoints } from "./api/events.ts";
import { findingEndpoints } from "./api/findings.ts";
import { flagEndpoints } from "./api/flags.ts";
import { hookEndpoints } from "./api/hooks.ts";
import { insightEndpoints } from "./api/insights.ts";
import { jobEndpoints } from "./api/jobs.ts";
import { keywordRuleEndpoints } from "./api/keyword-rules.ts";
import { ledgerEndpoints } from "./api/ledger.ts";
import { legalHoldEndpoints } from "./api/legal-holds.ts";
import { lifecycleSettingsEndpoints } from "./api/lifecycle-settings.ts";
import { linkEndpoints } from "./api/links.ts";
import { LiteralRouter } from "./api/literal-router.ts";
import { messageReviewEndpoints } from "./api/message-reviews.ts";
import { messageSendEndpoints } from "./api/message-sends.ts";
import { messageEndpoints } from "./api/messages.ts";
import { mountLinks } from "./api/open-link.ts";
import { packageEndpoints } from "./api/packages.ts";
import { mountPages } from "./api/pages.ts";
import { peopleEndpoints } from "./api/people.ts";
import { playbookEndpoints } from "./api/playbooks.ts";
import { policyEndpoints } from "./api/policies.ts";
import { privacyEndpoints } from "./api/privacy.ts";
import { problem, problemResponse, problemUntil } from "./api/problem.ts";
import { productEndpoints } from "./api/products.ts";
import { providerAccountCallbackEndpoints } from "./api/provider-account-callbacks.ts";
import { providerAccountHealthEndpoints } from "./api/provider-account-health.ts";
import { providerAccountEndpoints } from "./api/provider-accounts.ts";
import { qrEndpoints } from "./api/qr.ts";
import { tellRate } from "./api/rate-limit.ts";
import { replyEndpoints } from "./api/replies.ts";
import { routeExplanationEndpoints } from "./api/route-explanations.ts";
import { routeEndpoints } from "./api/routes.ts";
import { rulePresetEndpoints } from "./api/rule-presets.ts";
import { ruleEndpoints } from "./api/rules.ts";
import { sampleSizeEndpoints } from "./api/sample-size.ts";
import { sandboxEndpoints } from "./api/sandbox.ts";
import { segmentEndpoints } from "./api/segments.ts";
import { senderEndpoints } from "./api/senders.ts";
import { sessionEndpoints } from "./api/session.ts";
import { settingsEndpoints } from "./api/settings.ts";
import { mountShopHooks } from "./api/shop-hooks.ts";
import { storefrontEndpoints } from "./api/storefronts.ts";
import { suppressionEndpoints } from "./api/suppressions.ts";
import { templatePreviewEndpoints } from "./api/template-preview.ts";
import { templateReviewEndpoints } from "./api/template-reviews.ts";
import { templateEndpoints } from "./api/templates.ts";
import { refusePlain } from "./api/transport.ts";
import { verificationEndpoints } from "./api/verifications.ts";
import { webhookDeliveryEndpoints } from "./api/webhook-deliveries.ts";
import { webhookEndpointEndpoints } from "./api/webhook-endpoints.ts";
import { mountWebhooks } from "./api/webhooks.ts";
import type { Deps } from "./deps.ts";
import { base32 } from "./lib/id.ts";

const OTHER_PATHS = [
  { method: "get", path: "/l/{code}" },
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
  ...messageReviewEndpoints,
  ...settingsEndpoints,
  ...abuseEndpoints,
  ...abuseRefusalEndpoints,
  ...contentRuleEndpoints,
  ...challengeEndpoints,
  ...providerAccountEndpoints,
  ...providerAccountHealthEndpoints,
  ...providerAccountCallbackEndpoints,
  ...routeEndpoints,
  ...routeExplanationEndpoints,
  ...templateEndpoints,
  ...templatePreviewEndpoints,
  ...templateReviewEndpoints,
  ...senderEndpoints,
  ...storefrontEndpoints,
  ...apiKeyEndpoints,
  ...peopleEndpoints,
  ...sessionEndpoints,
  ...auditEndpoints,
  ...contactImportEndpoints,
  ...contactEndpoints,
  ...segmentEndpoints,
  ...lifecycleSettingsEndpoints,
  ...jobEndpoints,
  ...policyEndpoints,
  ...suppressionEndpoints,
  ...consentEndpoints,
  ...complaintEndpoints,
  ...replyEndpoints,
  ...keywordRuleEndpoints,
  ...privacyEndpoints,
  ...legalHoldEndpoints,
  ...ledgerEndpoints,
  ...packageEndpoints,
  ...billEndpoints,
  ...flagEndpoints,
  ...webhookEndpointEndpoints,
  ...webhookDeliveryEndpoints,
  ...eventEndpoints,
  ...changeEndpoints,
  ...linkEndpoints,
  ...qrEndpoints,
  ...conversionEndpoints,
  ...productEndpoints,
  ...ruleEndpoints,
  ...rulePresetEndpoints,
  ...hookEndpoints,
  ...campaignEndpoints,
  ...campaignDecisionEndpoints,
  ...campaignTrialEndpoints,
  ...campaignReportEndpoints,
  ...campaignRolloutEndpoints,
  ...playbookEndpoints,
  ...sampleSizeEndpoints,
  ...findingEndpoints,
  ...insightEndpoints,
  ...sandboxEndpoints,
];

/** What a browser signs in with. */
const signingIn = [...authRoutes, ...passkeyRoutes];

export function createApp(deps: Deps): Api {
  const api: Api = new OpenAPIHono({ router: new LiteralRouter() });
  const isHttps = deps.config.PUBLIC_ORIGIN.startsWith("https:");

  api.use(async (context, next) => {
    const requestId = `req_${base32(deps.randomBytes(15))}`;
    context.set("requestId", requestId);
    // On one's own machine TLS ends before us, or nowhere.
    const plain = deps.config.RUNS_ON === "cloudflare" ? refusePlain(context.req.raw) : null;
    if (plain) context.res = problemResponse(plain, requestId);
    else await next();
    const { headers } = context.res;
    headers.set("X-Request-Id", requestId);
    tellRate(headers, context.var.rate);
    headers.set("X-Content-Type-Options", "nosniff");
    if (isHttps) headers.set("Strict-Transport-Security", "max-age=31536000");
    headers.set("Referrer-Policy", "no-referrer");
    if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
  });

  for (const one of endpoints) mount(api, deps.api, one as never);
  mountAuth(api, deps.people.routes, signingIn);
  const { bodies } = deps;
  mountWebhooks(api, { ...deps.webhooks, bodies });
  mountShopHooks(api, { ...deps.triggers.shopHooks, bodies });
  mountLinks(api, deps.links.opening);
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
    const allowed = methodsOf([...endpoints, ...signingIn, ...OTHER_PATHS], context.req.path);
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
