import { z } from "@hono/zod-openapi";
import canonicalize from "canonicalize";
import { maskPhone } from "../lib/redact.ts";
import { rfc3339 } from "../lib/time.ts";
import { advise } from "../verifications/assess.ts";
import { checkById, checkByNumber, readVerification } from "../verifications/check-verification.ts";
import { readDestination } from "../verifications/destination.ts";
import type { ChallengeView, ReadReply } from "../verifications/plan.ts";
import { sendVerification } from "../verifications/send-verification.ts";
import { PURPOSES } from "../verifications/settings.ts";
import { phoneObjectName } from "../verifications/verification-id.ts";
import { clientField } from "./client.ts";
import { REFUSALS } from "./common.ts";
import { noStorefront } from "./endpoint.ts";
import { problem } from "./problem.ts";
import { phoneProblem, sendProblem } from "./send-problems.ts";
import { define } from "./services.ts";

const fields = {
  // Any length: the gate refuses what is no number, in its own words.
  to: z.string().openapi({ example: "+86 138 0013 8000" }),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, "must be an ISO 3166-1 code such as CN")
    .optional()
    .openapi({ description: "Reads a number that carries no country code." }),
  purpose: z.enum(PURPOSES),
  locale: z
    .string()
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "must be a language tag such as zh-CN")
    .optional(),
  storefront: z.string().max(64).optional(),
  // Any length: a long wrong code is a wrong try like any other.
  code: z.string().min(1),
  context: z
    .record(z.string().max(200), z.unknown())
    .optional()
    .openapi({ description: "What the code is bound to, such as an order and its amount." }),
  client: clientField,
};

const challengeToken = z
  .strictObject({ type: z.enum(["pow", "turnstile"]), token: z.string().min(1).max(2048) })
  .optional();

const verification = z
  .object({
    id: z.string(),
    to: z.string().openapi({ example: "+86138****8000" }),
    purpose: z.enum(PURPOSES),
    channel: z.literal("sms"),
    status: z.enum(["pending", "approved", "locked", "expired", "canceled"]),
    expires_at: z.string(),
    resend_at: z.string(),
    attempts_left: z.int(),
    sends: z.int(),
  })
  .openapi("Verification");

const timelineEntry = z.object({
  message: z.string(),
  send: z.int(),
  provider: z.string(),
  account: z.string(),
  outcome: z.enum(["open", "accepted", "rejected", "throttled", "unknown"]),
  reason: z.string().nullable(),
  code: z.string().nullable(),
  started_at: z.string(),
  ended_at: z.string().nullable(),
});

const verificationWithTimeline = verification
  .extend({ timeline: z.array(timelineEntry) })
  .openapi("VerificationWithTimeline");

const checked = z
  .object({
    id: z.string(),
    status: z.enum(["approved", "pending", "locked", "expired"]),
    valid: z.boolean(),
    attempts_left: z.int(),
  })
  .openapi("VerificationCheck");

const show = (view: ChallengeView, to: string, full: boolean) => ({
  id: view.id,
  to: full ? to : maskPhone(to),
  purpose: view.purpose,
  channel: view.channel,
  status: view.status,
  expires_at: rfc3339(view.expiresAt),
  resend_at: rfc3339(view.resendAt),
  attempts_left: view.attemptsLeft,
  sends: view.sends,
});

const showWithTimeline = (reply: ReadReply, full: boolean) => ({
  ...show(reply, reply.to, full),
  timeline: reply.timeline.map(({ message, send, attempt }) => ({
    message,
    send,
    provider: attempt.provider,
    account: attempt.account,
    outcome: attempt.outcome,
    reason: attempt.reason,
    code: attempt.code,
    started_at: rfc3339(attempt.startedAt),
    ended_at: attempt.endedAt === null ? null : rfc3339(attempt.endedAt),
  })),
});

const contextText = (context: unknown): string | null =>
  context === undefined ? null : (canonicalize(context) ?? null);

const everyBody = REFUSALS.post.filter((slug) => slug !== "conflict");

const create = define({
  method: "post",
  path: "/v1/verifications",
  tag: "Verifications",
  summary: "Send a code, or the same code again",
  scope: "verifications:write",
  inSandbox: true,
  hasRightOfWay: true,
  audit: { none: "the message log is its record" },
  body: z.strictObject({
    to: fields.to,
    country: fields.country,
    purpose: fields.purpose,
    locale: fields.locale,
    storefront: fields.storefront,
    client: fields.client,
    context: fields.context,
    challenge: challengeToken,
  }),
  answers: { 201: { description: "A provider took the text, or may have.", schema: verification } },
  problems: [
    ...everyBody,
    "phone-invalid",
    "country-not-allowed",
    "challenge-required",
    "template-not-approved",
    "rate-limited",
    "cap-exceeded",
    "destination-blocked",
    "no-route",
    "service-unavailable",
  ],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const settings = call.services.settingsOf(storefront.id);
    const sent = await sendVerification(
      { ...call.services, settings },
      { ...body, storefront, context: contextText(body.context), request: call.request },
    );
    if (!sent.ok) return sendProblem(sent.error, call.services.clock.now());
    const full = call.principal.can("pii:read");
    return { status: 201, body: show(sent.value, sent.value.phone.e164, full) };
  },
});

const check = define({
  method: "post",
  path: "/v1/verifications/{id}/check",
  tag: "Verifications",
  summary: "Check a code by the verification's id",
  scope: "verifications:write",
  inSandbox: true,
  hasRightOfWay: true,
  audit: { none: "the number's object is its record" },
  body: z.strictObject({ code: fields.code, context: fields.context }),
  answers: { 200: { description: "What the code was worth.", schema: checked } },
  problems: everyBody,
  async handle(call, { body, params }) {
    const judged = await checkById(call.services, {
      id: params.id ?? "",
      storefront: call.principal.storefront,
      code: body.code,
      context: contextText(body.context),
      request: call.request,
    });
    if (!judged.ok) return problem("not-found");
    const { id, status, valid, attemptsLeft } = judged.value;
    return { status: 200, body: { id, status, valid, attempts_left: attemptsLeft } };
  },
});

const checkNumber = define({
  method: "post",
  path: "/v1/verifications/check",
  tag: "Verifications",
  summary: "Check a code by number and purpose",
  scope: "verifications:write",
  inSandbox: true,
  hasRightOfWay: true,
  audit: { none: "the number's object is its record" },
  body: z.strictObject({
    to: fields.to,
    country: fields.country,
    purpose: fields.purpose,
    storefront: fields.storefront,
    code: fields.code,
    context: fields.context,
  }),
  answers: { 200: { description: "What the code was worth.", schema: checked } },
  problems: [...everyBody, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const judged = await checkByNumber(call.services, {
      ...body,
      storefront,
      context: contextText(body.context),
      request: call.request,
    });
    if (!judged.ok) {
      return judged.error.code === "phone-invalid"
        ? phoneProblem(judged.error)
        : problem("not-found");
    }
    const { id, status, valid, attemptsLeft } = judged.value;
    return { status: 200, body: { id, status, valid, attempts_left: attemptsLeft } };
  },
});

const assess = define({
  method: "post",
  path: "/v1/verifications/assess",
  tag: "Verifications",
  summary: "Whether this login needs a code",
  scope: "verifications:write",
  inSandbox: true,
  audit: { none: "it only advises" },
  body: z.strictObject({
    to: fields.to,
    country: fields.country,
    purpose: fields.purpose,
    storefront: fields.storefront,
    client: fields.client,
  }),
  answers: {
    200: {
      description: "The advice and what it rests on.",
      schema: z
        .object({ advice: z.enum(["verify", "skip"]), reason: z.string() })
        .openapi("VerificationAdvice"),
    },
  },
  problems: [...everyBody, "phone-invalid"],
  async handle(call, { body }) {
    const storefront = call.storefront(body.storefront);
    if (!storefront) return noStorefront();
    const { abuse, keys, phone: object } = call.services;
    const rules = abuse.rulesOf(storefront.id);
    const phone = readDestination(rules, body.to, body.country ?? storefront.defaultCountry);
    if (!phone.ok) return phoneProblem(phone.error);
    const wrongTries = await object(phoneObjectName(keys, phone.value.e164)).wrongTries(
      body.purpose,
    );
    const newDevice = body.client?.new_device;
    return { status: 200, body: advise({ purpose: body.purpose, newDevice, wrongTries }) };
  },
});

const read = define({
  method: "get",
  path: "/v1/verifications/{id}",
  tag: "Verifications",
  summary: "A verification and its texts",
  scope: "verifications:read",
  reveals: "verifications.reveal",
  answers: { 200: { description: "As it stands.", schema: verificationWithTimeline } },
  problems: REFUSALS.read,
  async handle(call, { params }) {
    const found = await readVerification(call.services, {
      id: params.id ?? "",
      storefront: call.principal.storefront,
    });
    if (!found.ok) return problem("not-found");
    return { status: 200, body: showWithTimeline(found.value, call.principal.can("pii:read")) };
  },
});

const cancel = define({
  method: "post",
  path: "/v1/verifications/{id}/cancel",
  tag: "Verifications",
  summary: "End a pending verification",
  scope: "verifications:write",
  inSandbox: true,
  reveals: "verifications.reveal",
  audit: { none: "the number's object is its record" },
  answers: { 200: { description: "As it stands now.", schema: verificationWithTimeline } },
  problems: everyBody,
  async handle(call, { params }) {
    const canceled = await readVerification(
      call.services,
      { id: params.id ?? "", storefront: call.principal.storefront },
      "cancel",
    );
    if (!canceled.ok) return problem("not-found");
    return { status: 200, body: showWithTimeline(canceled.value, call.principal.can("pii:read")) };
  },
});

export const verificationEndpoints = [create, check, checkNumber, assess, read, cancel];
