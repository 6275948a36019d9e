import { type Answer, json } from "./vendor.ts";

const MESSAGES: Readonly<Record<string, string>> = {
  "0": "发送成功",
  "1": "请求参数缺失",
  "2": "请求参数格式错误",
  "3": "账户余额不足",
  "5": "未自动匹配到合适的模板",
  "6": "添加模板失败",
  "7": "模板不可用",
  "8": "同一手机号30秒内重复提交相同的内容",
  "9": "同一手机号5分钟内重复提交相同的内容超过3次",
  "10": "手机号黑名单过滤",
  "11": "接口不支持GET方式调用",
  "15": "签名不匹配",
  "16": "签名格式不正确",
  "17": "24小时内同一手机号发送次数超过限制",
  "20": "不支持的国家地区",
  "22": "1小时内同一手机号发送次数超过限制",
  "23": "发往模板支持的国家列表之外的地区",
  "25": "手机号和内容个数不匹配",
  "48": "内容长度超过限制",
  "-1": "非法的apikey",
  "-2": "API没有权限",
  "-5": "访问频率超限",
  "-54": "记录已经存在",
};

/** Null where the vendor leaves the words to `detail`. */
export const messageOf = (code: string): string | null => MESSAGES[code] ?? null;

/** Ids leave as numbers of 64 bits, which a JSON reader of doubles would round. */
const written = (value: unknown): string =>
  JSON.stringify(value).replace(/"(sid|tpl_id)":"(\d+)"/g, '"$1":$2');

export const success = (value: unknown): Answer => ({ ...json(200, null), body: written(value) });

/** A refusal of the whole request, always with HTTP 400. */
export const refusal = (code: string, detail = messageOf(code) ?? "请求被拒绝"): Answer =>
  json(400, { http_status_code: 400, code: Number(code), msg: messageOf(code), detail });

/** A form as the vendor's pushes carry their JSON. */
export const pushed = (field: string, value: unknown) => ({
  method: "POST" as const,
  headers: { "content-type": "application/x-www-form-urlencoded;charset=utf-8" },
  body: `${field}=${encodeURIComponent(written(value))}`,
});
