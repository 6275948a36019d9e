import type { Phone } from "../phone/e164.ts";
import type { Submission } from "../providers/provider.ts";
import type { Sender } from "../senders/sender.ts";
import { fitsFrame, type WantedFrame } from "../templates/frame.ts";
import { type Binding, render, type Template, type Variable } from "../templates/template.ts";
import { type Reason, type RouteAccount, type RouteFacts, regionOf } from "./route.ts";

/** What a test text shows in place of a customer's data. */
const SAMPLES: Readonly<Record<Variable["type"], string>> = {
  text: "test",
  digits: "123456",
  amount: "9.90",
  url: "https://example.com/",
};
const SAMPLE_CODE = "123456";

const sampleOf = ({ name, type, maxLength }: Variable): string =>
  name === "code" ? SAMPLE_CODE : SAMPLES[type].slice(0, maxLength);

const NO_TEMPLATE: Reason = {
  en: "No template of this category is approved at the account.",
  zh: "该账号没有已通过审核的此类模板。",
};

const approvedAt = (
  template: Template,
  account: string,
  country: string,
  frame: WantedFrame | null = null,
): Binding | undefined =>
  template.bindings.find(
    (one) =>
      one.account === account &&
      one.region === regionOf(country) &&
      one.status === "approved" &&
      fitsFrame(one, frame),
  );

/** Refuses accounts at which no template for such texts is approved. */
export const withoutTemplate =
  (
    templates: readonly Template[],
    facts: Pick<RouteFacts, "category" | "channel" | "country">,
    frameOf: (template: Template) => WantedFrame | null = () => null,
  ): ((account: RouteAccount) => Reason | null) =>
  ({ id }) =>
    templates.some(
      (one) =>
        one.category === facts.category &&
        one.channel === facts.channel &&
        approvedAt(one, id, facts.country, frameOf(one)),
    )
      ? null
      : NO_TEMPLATE;

/** A text that tries an account out: its first approved template for codes, else for notifications. */
export function testText(
  facts: {
    readonly templates: readonly Template[];
    readonly senders: readonly Sender[];
    readonly account: string;
    readonly to: Phone;
  },
  messageId: string,
): Submission | null {
  const { account, to } = facts;
  for (const category of ["otp", "notification"] as const) {
    for (const template of facts.templates) {
      if (template.category !== category || template.channel !== "sms") continue;
      const binding = approvedAt(template, account, to.country);
      const sender = facts.senders.find((one) => one.id === template.sender);
      if (!binding || !sender) continue;
      const values = Object.fromEntries(template.variables.map((one) => [one.name, sampleOf(one)]));
      return {
        messageId,
        to: to.e164,
        region: regionOf(to.country),
        sender: sender.name,
        text: `【${sender.name}】${render(template.body, values)}`,
        templateId: binding.providerTemplateId,
        parameters: binding.parameters.map((name) => ({ name, value: values[name] ?? "" })),
        category,
        callbackUrl: null,
        validForSeconds: null,
      };
    }
  }
  return null;
}
