import { z } from "@hono/zod-openapi";
import { ROOT } from "../access/principal.ts";
import { fileWhereMissing } from "../senders/file-sender.ts";
import {
  approveTemplate,
  type Decided,
  type DecideRefusal,
  followReview,
  rejectTemplate,
  submitTemplate,
} from "../templates/submit-template.ts";
import { REFUSALS } from "./common.ts";
import type { Answer } from "./endpoint.ts";
import { type Problem, problem } from "./problem.ts";
import { define, type Services } from "./services.ts";
import {
  author,
  contentProblem,
  ownTemplate,
  showJudged,
  templateAnswer,
} from "./template-view.ts";

const DECIDE_DETAILS = {
  "not-submitted": "The version is a draft: submit it first.",
  "was-rejected": "The version was rejected: edit it or submit it again.",
  "own-marketing":
    "Marketing templates are approved by somebody else than who wrote or submitted them.",
  "changed-meanwhile": "The template was changed meanwhile. Read it again.",
} as const satisfies Record<Exclude<DecideRefusal["code"], "content-rejected">, string>;

async function decidedAnswer(services: Services, decided: Decided): Promise<Answer | Problem> {
  if (decided.ok) return { status: 200, body: await showJudged(services, decided.value) };
  if (decided.error.code === "content-rejected") return contentProblem(decided.error.faults);
  const { code } = decided.error;
  return problem(code === "own-marketing" ? "forbidden" : "conflict", DECIDE_DETAILS[code]);
}

const submit = define({
  method: "post",
  path: "/v1/templates/{id}/submit",
  tag: "Templates",
  summary: "File the newest version with every account that needs it",
  scope: "templates:write",
  audit: "templates.submit",
  body: z.strictObject({}).optional(),
  answers: { 200: templateAnswer("Filed; reviews follow behind the answer.") },
  problems: [...REFUSALS.post, "content-rejected"],
  async handle(call, { params }) {
    const { services, principal } = call;
    const found = await ownTemplate(call, params.id ?? "");
    if (!found) return problem("not-found");
    const approves = principal.can("templates:approve");
    await fileWhereMissing(services, services.accounts, found.sender);
    const submitted = await submitTemplate(services, found, { ...author(call), approves });
    if (submitted.ok) services.later(followReview(services, found.id));
    return decidedAnswer(services, submitted);
  },
});

const approve = define({
  method: "post",
  path: "/v1/templates/{id}/approve",
  tag: "Templates",
  summary: "Approve the newest version",
  scope: "templates:approve",
  audit: "templates.approve",
  body: z.strictObject({}).optional(),
  answers: { 200: templateAnswer("Approved; sent with as soon as a provider approved it too.") },
  problems: REFUSALS.post,
  async handle(call, { params }) {
    const found = await ownTemplate(call, params.id ?? "");
    if (!found) return problem("not-found");
    const approvesOwn = call.principal.id === ROOT.id;
    const by = { ...author(call), approvesOwn };
    return decidedAnswer(call.services, await approveTemplate(call.services, found, by));
  },
});

const reject = define({
  method: "post",
  path: "/v1/templates/{id}/reject",
  tag: "Templates",
  summary: "Reject the newest version; if it is live, nothing is sent with it any more",
  scope: "templates:approve",
  audit: "templates.reject",
  body: z.strictObject({ reason: z.string().min(1).max(500).optional() }).optional(),
  answers: { 200: templateAnswer("Rejected; the reason stands with each binding.") },
  problems: REFUSALS.post,
  async handle(call, { body, params }) {
    const found = await ownTemplate(call, params.id ?? "");
    if (!found) return problem("not-found");
    const by = { ...author(call), reason: body?.reason ?? null };
    return decidedAnswer(call.services, await rejectTemplate(call.services, found, by));
  },
});

export const templateReviewEndpoints = [submit, approve, reject];
