import { type ContentRules, checkMessage } from "../compliance/screening/check-content.ts";
import { type Finding, worstOf } from "../compliance/screening/finding.ts";
import type { Keys } from "../lib/keys.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { TraceStep } from "../messages/message.ts";
import type { Phone } from "../phone/e164.ts";
import type { Account } from "../routing/account.ts";
import type { RouteContext, RouteRule } from "../routing/route.ts";
import { numberKey } from "../routing/route-context.ts";
import type { Sender } from "../senders/sender.ts";
import { type Frame, inFrame, NO_FRAME } from "../templates/frame.ts";
import { fillIn } from "../templates/preview-text.ts";
import { type RefusedVariable, renderText } from "../templates/render-text.ts";
import { measureText } from "../templates/segments.ts";
import type { Template } from "../templates/template.ts";
import { firstCarried } from "./first-carried.ts";
import type { Personalized } from "./personalize.ts";
import { frameWanted, planRoute } from "./plan-route.ts";

export interface ComposeDeps {
  readonly keys: Keys;
  readonly senders: readonly Sender[];
  readonly accounts: readonly Account[];
  readonly routes: readonly RouteRule[];
  readonly routeContext: (unfit: RouteContext["unfit"]) => RouteContext;
  /** What stands around an offer as it leaves to a country; `*` is any other. */
  readonly frameOf: (storefront: string, country: string, body: string) => Frame;
}

export interface ComposeInput {
  /** In the order in which they are tried. */
  readonly templates: readonly Template[];
  readonly phone: Phone;
  readonly said: Personalized & { readonly content: ContentRules };
}

/** A text as one recipient gets it, and by whom. */
export interface ComposedText {
  readonly template: Template;
  readonly category: "notification" | "marketing";
  readonly sender: string;
  readonly text: string;
  /** 0 of content, which is no text message. */
  readonly segments: number;
  readonly values: Readonly<Record<string, string>>;
  /** What the content checks found in it. */
  readonly found: readonly Finding[];
  /** Accounts to try in order; none: nobody can carry it, now or soon. */
  readonly accounts: readonly Account[];
  /** How it came to these accounts, and to this template. */
  readonly steps: readonly TraceStep[];
}

export type ComposeRefusal = readonly RefusedVariable[];

/** The first of the templates that somebody can carry, or else the first of all. */
export function composeText(
  deps: ComposeDeps,
  { templates, phone, said }: ComposeInput,
): Result<ComposedText, ComposeRefusal> {
  const found = firstCarried(templates, (template) => composeOne(deps, template, phone, said));
  return found.ok ? ok({ ...found.value.chosen, steps: found.value.steps }) : found;
}

function composeOne(
  deps: ComposeDeps,
  template: Template,
  { e164, country }: Phone,
  said: ComposeInput["said"],
) {
  const { category, variables } = template;
  const sender = deps.senders.find((one) => one.id === template.sender);
  if (!sender || category === "otp") throw new Error("no template to send");
  const rendered = renderText(template, said.variables);
  if (!rendered.ok) return rendered;
  const unfit = said.unfit.find((name) => variables.some((one) => one.name === name));
  if (unfit !== undefined) return fail([{ name: unfit, why: "not-a-url" as const }]);
  const { values } = rendered.value;

  const signed = `【${sender.name}】${rendered.value.text}`;
  const frame = frameWanted(deps.frameOf, template, country);
  const whole = inFrame(frame?.wanted ?? NO_FRAME, signed);
  const text = template.content ? fillIn(template, values).text : whole;
  const mainland = country === "CN";
  const segments = template.content ? 0 : measureText(text, { mainland }).segments;
  const { accounts, step } = planRoute(
    {
      routes: deps.routes,
      accounts: deps.accounts,
      template,
      frame,
      to: e164,
      country,
      numberKey: numberKey(deps.keys, e164),
      segments,
      length: text.length,
    },
    deps.routeContext,
  );
  const found = checkMessage(said.content, template, { ...values, ...said.targets });
  return ok({
    template,
    category,
    sender: sender.name,
    text,
    segments,
    values,
    found,
    accounts,
    step,
    isSettled: accounts.length > 0 || worstOf(found) === "refuse",
  });
}
