import { ok, type Result } from "../lib/result.ts";
import type { TraceStep } from "../messages/message.ts";
import { CHANNEL_TITLES } from "../routing/choose-route.ts";
import type { Template } from "../templates/template.ts";

/** A template as somebody would carry it. */
interface Tried {
  readonly template: Template;
  /** How its route is told. */
  readonly step: TraceStep;
  /** No other template is tried: somebody carries it, or it must not go out in any form. */
  readonly isSettled: boolean;
}

const standsIn = (from: Template, to: Template): TraceStep => {
  const { en, zh } = CHANNEL_TITLES[from.channel];
  return {
    step: "channel",
    verdict: to.channel,
    en: `Nobody carries the ${en} of “${from.name}” to this number: “${to.name}” goes out instead.`,
    zh: `没有账号可向该号码发送“${from.name}”的${zh}，改为发送“${to.name}”。`,
  };
};

/** The first of the templates that is settled, or else the first of all, and what led to it. */
export function firstCarried<One extends Tried, Refusal>(
  templates: readonly Template[],
  attempt: (template: Template) => Result<One, Refusal>,
): Result<{ readonly chosen: One; readonly steps: readonly TraceStep[] }, Refusal> {
  const tried: One[] = [];
  for (const template of templates) {
    const one = attempt(template);
    if (!one.ok) return one;
    tried.push(one.value);
    if (one.value.isSettled) break;
  }
  const [first] = tried;
  const last = tried.at(-1);
  if (!first || !last) throw new Error("no template to send");
  const steps = tried.map(({ step }) => step);
  if (first === last || !last.isSettled) return ok({ chosen: first, steps });
  const instead = standsIn(first.template, last.template);
  return ok({ chosen: last, steps: [...steps.slice(0, -1), instead, last.step] });
}
