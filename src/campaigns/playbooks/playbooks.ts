import { Temporal } from "temporal-polyfill";
import type { Objective } from "../campaign.ts";
import { holidaysFrom } from "./holidays.ts";

interface InTwo {
  readonly zh: string;
  readonly en: string;
}

/** When it is best sent, by the shop's clock or by each recipient's own. */
export type SuggestedSchedule =
  | { readonly at: Temporal.PlainDateTime; readonly localTime: boolean }
  | { readonly cron: string };

export interface Suggestion {
  /** A segment's filter, as the API takes it. */
  readonly filter: Readonly<Record<string, unknown>>;
  readonly schedule: SuggestedSchedule;
  readonly variables: Readonly<Record<string, string>>;
}

/** A way to reach people that shops know to work, ready to be made a campaign. */
export interface Playbook {
  readonly name: string;
  readonly objective: Objective;
  readonly title: InTwo;
  readonly about: InTwo;
  readonly text: InTwo;
  /** Conversions of delivered that are usual. */
  readonly band: { readonly low: number; readonly high: number };
  /** For a day of the shop's calendar. */
  suggest(day: Temporal.PlainDate): Suggestion;
}

const attribute = (name: string, op: string, value: unknown) => ({ attribute: name, op, value });
const stage = (...stages: string[]) => ({ any: stages.map((lifecycle) => ({ lifecycle })) });
const all = (...tests: object[]) => ({ all: tests });
const NEVER_BOUGHT = attribute("orders", "eq", 0);

const at = (day: Temporal.PlainDate, hour: number): Temporal.PlainDateTime =>
  day.toPlainDateTime({ hour });

/** Tomorrow at an hour of each recipient's own day. */
const tomorrow =
  (filter: Suggestion["filter"], hour = 10): Playbook["suggest"] =>
  (day) => ({
    filter,
    schedule: { at: at(day.add({ days: 1 }), hour), localTime: true },
    variables: {},
  });

/** The mainland takes no promotion that does not say how to end them. */
const playbook = ({ text, ...rest }: Playbook): Playbook => ({
  ...rest,
  text: { zh: `${text.zh}拒收请回复R`, en: `${text.en} Reply R to opt out (拒收请回复R)` },
});

export const PLAYBOOKS: readonly Playbook[] = [
  playbook({
    name: "new-customer-coupon",
    objective: "acquisition",
    title: { zh: "新人券", en: "New customer's coupon" },
    about: {
      zh: "面向注册后尚未下单的新用户，用新人专享券促成首次购买。",
      en: "For people who have just come and bought nothing yet: a coupon for their first visit.",
    },
    text: {
      zh: "{{name|您}}好，{{offer|新人专享券}}已放入您的账户，首次购物可用，数量有限，打开商城即可使用。",
      en: "Hello {{name|there}}, {{offer|a welcome coupon}} is in your account for your first purchase, while it lasts.",
    },
    band: { low: 0.05, high: 0.1 },
    suggest: tomorrow(all(NEVER_BOUGHT, { lifecycle: "new" })),
  }),
  playbook({
    name: "first-order",
    objective: "acquisition",
    title: { zh: "首单奖励", en: "First order reward" },
    about: {
      zh: "面向30天内加过购物车但从未付款的用户，奖励首单。",
      en: "For people who filled a cart within 30 days and never paid: a reward for the first order.",
    },
    text: {
      zh: "{{name|您}}好，完成首单即享{{offer|首单奖励}}，您挑选的商品还在等您，限时有效。",
      en: "Hello {{name|there}}, your first order earns {{offer|a reward}}. What you chose is still here, for a short time.",
    },
    band: { low: 0.03, high: 0.08 },
    suggest: tomorrow(
      all(NEVER_BOUGHT, { event: "cart.updated", op: "count_gte", value: 1, within_days: 30 }),
    ),
  }),
  playbook({
    name: "flash-sale",
    objective: "activation",
    title: { zh: "限时秒杀", en: "Flash sale" },
    about: {
      zh: "面向活跃与有流失风险的用户，爆品限时限量，全员同一时刻开抢。",
      en: "For active people and those at risk: few pieces, little time, the same moment for all.",
    },
    text: {
      zh: "{{name|您}}好，{{offer|爆品秒杀}}限时开抢，数量有限，售完即止，立即打开商城抢购。",
      en: "Hello {{name|there}}, {{offer|our flash sale}} is on now: few pieces, gone when they are gone.",
    },
    band: { low: 0.02, high: 0.05 },
    suggest: (day) => ({
      filter: stage("active", "loyal", "at_risk"),
      schedule: { at: at(day.add({ days: 1 }), 12), localTime: false },
      variables: {},
    }),
  }),
  playbook({
    name: "win-back",
    objective: "activation",
    title: { zh: "流失召回", en: "Win back" },
    about: {
      zh: "每周一面向有流失风险或已流失、且90天内未收到短信的用户。",
      en: "Each Monday, for people at risk or gone who got no text from us within 90 days.",
    },
    text: {
      zh: "{{name|您}}好，好久不见！{{offer|回归专属优惠}}为您保留，限时有效，期待您回来看看。",
      en: "Hello {{name|there}}, it has been a while! We kept {{offer|an offer}} for you, for a short time.",
    },
    band: { low: 0.01, high: 0.03 },
    suggest: () => ({
      filter: all(stage("at_risk", "lapsed"), {
        not: { engagement: "delivered", within_days: 90 },
      }),
      schedule: { cron: "0 10 * * 1" },
      variables: {},
    }),
  }),
  playbook({
    name: "member-exclusive",
    objective: "retention",
    title: { zh: "会员专享", en: "Members only" },
    about: {
      zh: "面向忠诚会员，提供不对外公开的特权价。",
      en: "For loyal members: a price that nobody else sees.",
    },
    text: {
      zh: "尊敬的会员{{name|您}}好，{{offer|会员专享价}}已为您开启，仅限会员，登录商城即可查看。",
      en: "Dear member {{name|there}}, {{offer|your members' price}} is open now, to members alone.",
    },
    band: { low: 0.04, high: 0.08 },
    suggest: tomorrow(stage("loyal")),
  }),
  playbook({
    name: "birthday",
    objective: "retention",
    title: { zh: "生日礼遇", en: "Birthday month" },
    about: {
      zh: "每月初面向当月过生日的会员；当日祝福请启用同名触发预设。",
      en: "For members whose birthday is in the month; the rule preset of that name greets on the day.",
    },
    text: {
      zh: "{{name|亲爱的会员}}，生日月快乐！{{offer|生日礼遇}}已放入您的账户，本月有效。",
      en: "Happy birthday month, {{name|dear member}}! {{offer|A treat}} is in your account, good all month.",
    },
    band: { low: 0.06, high: 0.12 },
    suggest(day) {
      const next = day.day === 1 ? day : day.add({ months: 1 }).with({ day: 1 });
      return {
        filter: attribute("birthday_month", "eq", next.month),
        schedule: { at: at(next, 10), localTime: true },
        variables: {},
      };
    },
  }),
  playbook({
    name: "points",
    objective: "retention",
    title: { zh: "积分兑换", en: "Points to redeem" },
    about: {
      zh: "面向积分不少于100的会员（联系人属性 points），提醒兑换。",
      en: "For members with at least 100 points (a contact's attribute `points`).",
    },
    text: {
      zh: "{{name|您}}好，您有{{points}}积分可兑换{{offer|精选好礼}}，登录商城积分中心即可兑换。",
      en: "Hello {{name|there}}, your {{points}} points are good for {{offer|something nice}}. Redeem them in the shop.",
    },
    band: { low: 0.03, high: 0.07 },
    suggest: tomorrow(attribute("points", "gte", 100)),
  }),
  playbook({
    name: "holiday",
    objective: "activation",
    title: { zh: "节假日", en: "Holiday" },
    about: {
      zh: "在下一个节日的前一天，向新用户与活跃用户问候并送上节日优惠。",
      en: "On the eve of the next holiday: a greeting and an offer, to new and active people.",
    },
    text: {
      zh: "{{name|您}}好，{{holiday|佳节}}快乐！{{offer|节日优惠}}限时开启，欢迎选购。",
      en: "Hello {{name|there}}, {{offer|our holiday offer}} is open for a short time. Happy holidays!",
    },
    band: { low: 0.02, high: 0.06 },
    suggest(day) {
      // On its eve, and that is not today.
      const [next] = holidaysFrom(day.add({ days: 2 }));
      const eve = next ? Temporal.PlainDate.from(next.on).subtract({ days: 1 }) : day;
      return {
        filter: stage("new", "active", "loyal"),
        schedule: { at: at(eve, 10), localTime: true },
        variables: next ? { holiday: next.zh } : {},
      };
    },
  }),
];

export const findPlaybook = (name: string | undefined): Playbook | null =>
  PLAYBOOKS.find((one) => one.name === name) ?? null;
