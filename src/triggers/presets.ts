import type { Category } from "../messages/message.ts";
import type { RuleDefinition, Timing } from "./rule.ts";

interface InTwo {
  readonly zh: string;
  readonly en: string;
}

/** A rule with its text, ready to be enabled. Its template has the preset's name. */
export interface Preset extends Partial<Omit<RuleDefinition, "name" | "template" | "category">> {
  readonly name: string;
  readonly title: InTwo;
  readonly event: string;
  readonly category: Exclude<Category, "otp">;
  readonly text: InTwo;
}

const DAY_SECONDS = 86_400;
const MORNING: Timing = { atMinute: 10 * 60, days: 0 };

const notification = (
  name: string,
  event: string,
  title: InTwo,
  text: InTwo,
  more: Partial<RuleDefinition> = {},
): Preset => ({ ...more, name, event, title, text, category: "notification" });

/** The mainland takes no promotion that does not say how to end them. */
const marketing = (
  name: string,
  event: string,
  title: InTwo,
  { zh, en }: InTwo,
  more: Partial<RuleDefinition> = {},
): Preset => ({
  ...more,
  name,
  event,
  title,
  text: { zh: `${zh}拒收请回复R`, en: `${en} Reply R to opt out (拒收请回复R)` },
  category: "marketing",
});

export const PRESETS: readonly Preset[] = [
  notification(
    "order-created",
    "order.created",
    { zh: "订单创建", en: "Order placed" },
    {
      zh: "{{name|您}}好，您的订单{{order_no}}已提交，请尽快完成支付。",
      en: "Hello {{name|there}}, your order {{order_no}} is placed. Please complete the payment soon.",
    },
  ),
  notification(
    "order-paid",
    "order.paid",
    { zh: "订单付款", en: "Order paid" },
    {
      zh: "{{name|您}}好，您的订单{{order_no}}已付款成功，我们将尽快为您安排发货。",
      en: "Hello {{name|there}}, we received your payment for order {{order_no}} and are getting it ready.",
    },
  ),
  notification(
    "order-accepted",
    "order.accepted",
    { zh: "商家接单", en: "Order accepted" },
    {
      zh: "{{name|您}}好，您的订单{{order_no}}已接单，正在为您准备。",
      en: "Hello {{name|there}}, your order {{order_no}} is accepted and being prepared.",
    },
  ),
  notification(
    "order-packed",
    "order.packed",
    { zh: "商品打包", en: "Order packed" },
    {
      zh: "{{name|您}}好，您的订单{{order_no}}已打包完成，即将发出。",
      en: "Hello {{name|there}}, your order {{order_no}} is packed and about to leave.",
    },
  ),
  notification(
    "order-shipped",
    "order.shipped",
    { zh: "订单发货", en: "Order shipped" },
    {
      zh: "{{name}}您好，您的订单{{order_no}}已由{{carrier|快递}}发出，请留意查收。",
      en: "Hello {{name}}, your order {{order_no}} is on its way with {{carrier|our courier}}.",
    },
  ),
  notification(
    "order-arrived-in-city",
    "order.arrived_in_city",
    { zh: "到达城市", en: "Arrived in the city" },
    {
      zh: "{{name|您}}好，您的订单{{order_no}}已到达{{city}}，即将安排派送。",
      en: "Hello {{name|there}}, your order {{order_no}} has reached {{city}} and will be delivered soon.",
    },
  ),
  notification(
    "order-out-for-delivery",
    "order.out_for_delivery",
    { zh: "正在派送", en: "Out for delivery" },
    {
      zh: "{{name|您}}好，您的订单{{order_no}}正在派送中，请保持电话畅通。",
      en: "Hello {{name|there}}, your order {{order_no}} is out for delivery today.",
    },
    { expiresIn: DAY_SECONDS / 2 },
  ),
  notification(
    "return-reviewed",
    "return.reviewed",
    { zh: "退货审核", en: "Return reviewed" },
    {
      zh: "{{name|您}}好，您订单{{order_no}}的退货申请审核结果：{{result}}。",
      en: "Hello {{name|there}}, the review of your return for order {{order_no}}: {{result}}.",
    },
  ),
  notification(
    "refund-progress",
    "refund.created",
    { zh: "退款进度", en: "Refund under way" },
    {
      zh: "{{name|您}}好，您订单{{order_no}}的退款{{amount}}元正在处理，将原路退回。",
      en: "Hello {{name|there}}, your refund of {{amount}} for order {{order_no}} is on its way to you.",
    },
  ),
  notification(
    "points-changed",
    "points.changed",
    { zh: "积分变动", en: "Points changed" },
    {
      zh: "{{name|您}}好，您的积分变动{{change}}，当前余额{{balance}}。",
      en: "Hello {{name|there}}, your points changed by {{change}}. Balance: {{balance}}.",
    },
  ),
  notification(
    "points-expiring",
    "time.points_expiring",
    { zh: "积分到期", en: "Points about to expire" },
    {
      zh: "{{name|您}}好，您有{{points}}积分将于{{expires_on}}到期，请及时使用。",
      en: "Hello {{name|there}}, {{points}} of your points expire on {{expires_on}}.",
    },
    { timing: { ...MORNING, days: 7 } },
  ),
  notification(
    "level-changed",
    "level.changed",
    { zh: "等级提升", en: "New level" },
    {
      zh: "{{name|您}}好，恭喜您升级为{{level}}，更多会员权益已生效。",
      en: "Hello {{name|there}}, congratulations: you are now {{level}}, with more member benefits.",
    },
  ),
  marketing(
    "birthday",
    "time.birthday",
    { zh: "生日祝福", en: "Birthday" },
    {
      zh: "{{name|亲爱的会员}}，祝您生日快乐！您的生日礼遇已放入账户，欢迎领取。",
      en: "Happy birthday, {{name|dear member}}! A birthday treat is waiting in your account.",
    },
    { timing: MORNING },
  ),
  marketing(
    "cart-abandoned",
    "cart.updated",
    { zh: "购物车提醒", en: "Abandoned cart" },
    {
      zh: "{{name|您}}好，{{product|您挑选的商品}}还在购物车里，数量有限，欢迎回来下单。",
      en: "Hello {{name|there}}, {{product|what you chose}} is still in your cart, while stocks last.",
    },
    {
      delaySeconds: 3_600,
      expiresIn: DAY_SECONDS,
      // Each change of the cart starts the hour anew.
      cancelOn: ["order.created", "order.paid", "cart.updated", "cart.emptied"],
    },
  ),
  marketing(
    "win-back",
    "time.inactive",
    { zh: "流失召回", en: "Win back" },
    {
      zh: "{{name|您}}好，好久不见！我们为您准备了专属优惠，欢迎回来看看。",
      en: "Hello {{name|there}}, it has been a while! There is an offer for you, come and have a look.",
    },
    { timing: { ...MORNING, days: 90 } },
  ),
];

/** What a preset's rule says at first. */
export const definitionOfPreset = (preset: Preset): RuleDefinition => ({
  name: preset.title.zh,
  event: preset.event,
  condition: preset.condition ?? null,
  template: preset.name,
  to: preset.to ?? null,
  variables: preset.variables ?? {},
  delaySeconds: preset.delaySeconds ?? 0,
  expiresIn: preset.expiresIn ?? null,
  cancelOn: preset.cancelOn ?? [],
  category: preset.category,
  enabled: true,
  timing: preset.timing ?? null,
});
