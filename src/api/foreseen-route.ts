import { firstCarried } from "../dispatch/first-carried.ts";
import { frameWanted, planRoute } from "../dispatch/plan-route.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { Category } from "../messages/message.ts";
import type { Phone } from "../phone/e164.ts";
import { carrierOf } from "../routing/carriers.ts";
import { chooseRoute } from "../routing/choose-route.ts";
import { explainRoute } from "../routing/explain-route.ts";
import type { Reason, Route, RouteContext } from "../routing/route.ts";
import { explainingContext, numberKey } from "../routing/route-context.ts";
import { withoutTemplate } from "../routing/test-text.ts";
import type { Storefront } from "../storefronts/storefront.ts";
import { templatesToTry } from "../templates/fallback.ts";
import { inFrame, NO_FRAME } from "../templates/frame.ts";
import { previewText } from "../templates/preview-text.ts";
import { measureText } from "../templates/segments.ts";
import { type Channel, pickVariant, type Template } from "../templates/template.ts";
import { codeCandidates } from "../verifications/candidate.ts";
import { defaultSettings } from "../verifications/settings.ts";
import type { Call } from "./endpoint.ts";
import { findVariants } from "./message-sends.ts";
import { invalid, type Problem, problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { faultsProblem } from "./template-content.ts";

/** A text of which as much is known as somebody cared to say. */
export interface ForeseenText {
  readonly category?: Category | undefined;
  readonly channel?: Channel | undefined;
  readonly template?: string | undefined;
  readonly locale?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

export interface ForeseenRoute {
  readonly route: Route;
  /** In the order in which a message's trace tells them. */
  readonly steps: readonly Reason[];
}

/** The code that a purpose of the storefront makes for this template. */
function codeOf(services: Services, template: Template) {
  const settings = services.settingsOf(template.storefront);
  const usual = defaultSettings([]).purposes.login;
  const { code_length: length, alphabet } =
    Object.values(settings.purposes).find((one) =>
      [template.name, template.id].includes(one.template),
    ) ?? usual;
  return { length, digitsOnly: alphabet === "digits" };
}

function routeOfTemplate(
  services: Services,
  { e164: to, country }: Phone,
  template: Template,
  variables: ForeseenText["variables"],
): Result<{ readonly route: Route; readonly isCarried: boolean }, Problem> {
  const contextFor = (unfit: RouteContext["unfit"]) =>
    explainingContext(services, services.clock.now(), unfit);
  const { routes, accounts } = services;
  const facts = { routes, accounts, to, country, numberKey: numberKey(services.keys, to) };
  if (template.category === "otp") {
    const code = codeOf(services, template);
    const { route } = codeCandidates({ ...facts, template, code }, contextFor);
    return ok({ route, isCarried: true });
  }
  const drafted = previewText(template, variables ?? null);
  if (!drafted.ok) return fail(faultsProblem(drafted.error));
  const name = services.senders.find((one) => one.id === template.sender)?.name ?? "";
  const signed = `【${name}】${drafted.value.text}`;
  const frame = frameWanted(services.frameOf, template, country);
  const text = inFrame(frame?.wanted ?? NO_FRAME, signed);
  const { segments } = measureText(text, { mainland: country === "CN" });
  const route = { ...facts, template, frame, segments, length: text.length };
  const planned = planRoute(route, contextFor);
  return ok({ route: planned.route, isCarried: planned.accounts.length > 0 });
}

/** Of a template and its fallback, the first that somebody can carry. */
function routeOfFirst(
  services: Services,
  storefront: Storefront,
  phone: Phone,
  template: Template,
  { variables, locale }: ForeseenText,
): ForeseenRoute | Problem {
  const templates = templatesToTry(template, {
    templates: services.templates,
    channels: null,
    locale,
    storefrontLocale: storefront.locale,
  });
  const found = firstCarried(templates, (one) => {
    const tried = routeOfTemplate(services, phone, one, variables);
    if (!tried.ok) return tried;
    const { route, isCarried } = tried.value;
    return ok({ template: one, route, step: explainRoute(route), isSettled: isCarried });
  });
  return found.ok ? { route: found.value.chosen.route, steps: found.value.steps } : found.error;
}

/** The route that a text would take now, by the same decisions as one that is sent. */
export async function foreseeRoute(
  call: Call<Services>,
  storefront: Storefront,
  phone: Phone,
  text: ForeseenText,
): Promise<ForeseenRoute | Problem> {
  const { services } = call;
  const { category, channel } = text;
  if (text.template !== undefined) {
    const variants = await findVariants(call, storefront, text.template);
    if ("problem" in variants) return variants;
    const template = pickVariant(variants, text.locale, storefront.locale);
    if (!template) return problem("not-found", "There is no such template.");
    if (category && category !== template.category) {
      return invalid("category", `is not the template's, which is ${template.category}`);
    }
    if (channel && channel !== template.channel) return invalid("channel", "is not the template's");
    return routeOfFirst(services, storefront, phone, template, text);
  }
  if (!category) return invalid("category", "is needed where no template is named");
  const facts = {
    category,
    channel: channel ?? "sms",
    country: phone.country,
    carrier: carrierOf(phone.e164)?.carrier ?? null,
    numberKey: numberKey(services.keys, phone.e164),
    segments: 1,
  };
  const templates = services.templates.filter((one) => one.storefront === storefront.id);
  const unfit = withoutTemplate(templates, facts, (one) =>
    frameWanted(services.frameOf, one, phone.country),
  );
  const context = explainingContext(services, services.clock.now(), unfit);
  const route = chooseRoute(services.routes, facts, context);
  return { route, steps: [explainRoute(route)] };
}
