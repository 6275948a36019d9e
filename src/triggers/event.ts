/** What happened, as it was told. */
export interface EventBody {
  /** In any spelling; null when it was not said. */
  readonly to: string | null;
  readonly country: string | null;
  /** A `ctc_` id. */
  readonly contact: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface NewEvent extends EventBody {
  /** The teller's own, or null for a new one. */
  readonly id: string | null;
  readonly name: string;
  readonly occurredAt: number | null;
}

export interface StoredEvent extends EventBody {
  /** Ours, ordered by time; the teller's `id` is unique in its storefront alone. */
  readonly key: string;
  readonly id: string;
  readonly storefront: string;
  readonly sandbox: boolean;
  readonly name: string;
  readonly matched: readonly string[];
  readonly occurredAt: number;
  readonly createdAt: number;
}

export const OUTCOME_STATUSES = ["waiting", "sending", "accepted", "refused", "canceled"] as const;
export type OutcomeStatus = (typeof OUTCOME_STATUSES)[number];

/** Why a rule that an event met has sent nothing, or not yet. */
export const OUTCOME_REASONS = {
  delay: { en: "The rule's delay is running.", zh: "等待规则设定的延迟时间。" },
  "template-not-approved": {
    en: "The template has no approved version yet.",
    zh: "模板尚无已通过审核的版本。",
  },
  "template-missing": {
    en: "The template is gone, or of another category than the rule says.",
    zh: "模板已不存在，或其类别与规则不符。",
  },
  "condition-error": {
    en: "The condition could not be computed with this event's data.",
    zh: "无法用该事件的数据计算规则条件。",
  },
  "no-recipient": {
    en: "Neither the event nor the contact has a number.",
    zh: "事件与联系人均无手机号。",
  },
  "phone-invalid": {
    en: "What stands in the place of the number is no mobile number.",
    zh: "收件人不是有效的手机号。",
  },
  variables: {
    en: "A variable of the text has no usable value and no fallback.",
    zh: "文案变量缺少可用的值，且无默认值。",
  },
  expired: { en: "Its time was over.", zh: "已超过有效期。" },
  "rule-off": {
    en: "The rule was switched off or deleted before its time.",
    zh: "规则在发送前已停用或删除。",
  },
  "canceled-by-event": {
    en: "A later event of the same recipient took it back.",
    zh: "同一收件人的后续事件已将其取消。",
  },
} as const satisfies Record<string, { en: string; zh: string }>;
export type OutcomeReason = keyof typeof OUTCOME_REASONS;

/** What one rule makes of one event. */
export interface Outcome {
  /** The event's key. */
  readonly event: string;
  /** A `rul_` id. */
  readonly rule: string;
  readonly status: OutcomeStatus;
  readonly reason: OutcomeReason | null;
  /** The names of what is missing, or the id of the event that took it back. */
  readonly detail: string | null;
  /** A `msg_` id. */
  readonly message: string | null;
  /** When it is looked at again, while it is not over. */
  readonly dueAt: number;
}
