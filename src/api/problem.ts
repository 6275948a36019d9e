import { maskName } from "../lib/redact.ts";

/** Every way in which a request is refused: the whole catalogue, one page each under `/problems/`. */
export const PROBLEMS = {
  "malformed-json": {
    status: 400,
    title: "The body is not JSON",
    zh: "请求体不是合法的 JSON",
    help: "Send one JSON value in UTF-8.",
    helpZh: "请以 UTF-8 发送一个 JSON 值。",
  },
  "credential-in-url": {
    status: 400,
    title: "A credential stands in the URL or the body",
    zh: "URL 或请求体中含有密钥",
    help: "URLs end up in logs, and bodies often do. Send the key as `Authorization: Bearer …` and replace the one that was exposed.",
    helpZh:
      "URL 会被写入日志，请求体也常会。请用 `Authorization: Bearer …` 发送密钥，并更换已暴露的密钥。",
  },
  unauthorized: {
    status: 401,
    title: "No valid key or session",
    zh: "缺少有效密钥或登录会话",
    help: "Send a key as `Authorization: Bearer …`, or sign in to the console.",
    helpZh: "请以 `Authorization: Bearer …` 发送密钥，或先登录控制台。",
  },
  forbidden: {
    status: 403,
    title: "The caller may not do this",
    zh: "调用者没有此权限",
    help: "The key, or the person's role, lacks the scope that this request needs.",
    helpZh: "密钥或人员角色缺少此请求所需的权限范围。",
  },
  "ip-not-allowed": {
    status: 403,
    title: "The key may not be used from this address",
    zh: "密钥不允许从此地址使用",
    help: "Call from one of the key's `allowed_ips`, or add your address to a new key.",
    helpZh: "请从密钥的 `allowed_ips` 所列地址发起调用，或新建包含您地址的密钥。",
  },
  "country-not-allowed": {
    status: 403,
    title: "The storefront does not send to this country",
    zh: "店铺未开通该国家或地区",
    help: "Add the country to `allowed_countries` of the verification settings if its customers are yours.",
    helpZh: "如需向该国家或地区发送，请将其加入验证设置的 `allowed_countries`。",
  },
  "challenge-required": {
    status: 403,
    title: "A challenge must be solved first",
    zh: "需要先完成人机验证",
    help: "Take one from `GET /v1/challenges`, or for the very number from `POST /v1/challenges`, have it solved, and send again with `challenge`. Each is good for one send to one number.",
    helpZh:
      "请通过 `GET /v1/challenges`（或针对具体号码的 `POST /v1/challenges`）获取并完成验证，再携带 `challenge` 重新发送。每个验证只能用于一个号码的一次发送。",
  },
  "not-found": {
    status: 404,
    title: "Nothing here",
    zh: "未找到",
    help: "It does not exist, is over, or belongs to another storefront.",
    helpZh: "资源不存在、已结束，或属于其他店铺。",
  },
  "method-not-allowed": {
    status: 405,
    title: "Not with this method",
    zh: "不支持该请求方法",
    help: "`Allow` names the methods of this path.",
    helpZh: "`Allow` 头列出了此路径支持的方法。",
  },
  conflict: {
    status: 409,
    title: "It stands otherwise",
    zh: "状态冲突",
    help: "The resource is in a state that does not allow this.",
    helpZh: "资源当前状态不允许此操作。",
  },
  "template-not-approved": {
    status: 409,
    title: "No approved template",
    zh: "没有已通过审核的模板",
    help: "The template is missing, or not approved yet.",
    helpZh: "模板不存在或尚未通过审核。",
  },
  "idempotency-in-flight": {
    status: 409,
    title: "The first request is still under way",
    zh: "首个请求仍在处理中",
    help: "A request with this Idempotency-Key has no answer yet. Try again shortly.",
    helpZh: "使用同一 Idempotency-Key 的请求尚未完成，请稍后重试。",
  },
  "payload-too-large": {
    status: 413,
    title: "The body is too large",
    zh: "请求体过大",
    help: "Bodies hold at most 256 KiB; batches and changes 4 MiB.",
    helpZh: "请求体上限为 256 KiB；批量接口为 4 MiB。",
  },
  "unsupported-media-type": {
    status: 415,
    title: "Not application/json",
    zh: "不支持的内容类型",
    help: "Send `Content-Type: application/json`.",
    helpZh: "请发送 `Content-Type: application/json`。",
  },
  "invalid-request": {
    status: 422,
    title: "The request does not fit",
    zh: "请求参数不符合要求",
    help: "`errors` says which field and why.",
    helpZh: "`errors` 说明了具体字段与原因。",
  },
  "phone-invalid": {
    status: 422,
    title: "Not a mobile number",
    zh: "不是有效的手机号",
    help: "Send a mobile number in international form, or with its country.",
    helpZh: "请使用国际格式的手机号，或同时提供国家代码。",
  },
  "content-rejected": {
    status: 422,
    title: "The text may not be sent",
    zh: "内容不允许发送",
    help: "`detail` says what in the text is not allowed.",
    helpZh: "`detail` 说明了文本中不允许的内容。",
  },
  "target-not-allowed": {
    status: 422,
    title: "No request may go to this address",
    zh: "不允许的目标地址",
    help: "Targets are https URLs of public hosts, without user name, password or fragment.",
    helpZh: "目标须为公网主机的 https 地址，且不含用户名、密码或片段。",
  },
  "idempotency-key-reused": {
    status: 422,
    title: "The Idempotency-Key belongs to another request",
    zh: "Idempotency-Key 已用于其他请求",
    help: "A key stands for one path and body. Use a new one.",
    helpZh: "一个 Idempotency-Key 只对应一个路径与请求体，请更换。",
  },
  "rate-limited": {
    status: 429,
    title: "Too many requests",
    zh: "请求过于频繁",
    help: "`Retry-After` says when to try again.",
    helpZh: "`Retry-After` 给出可重试的时间。",
  },
  "cap-exceeded": {
    status: 429,
    title: "The number has had enough for now",
    zh: "该号码已达发送上限",
    help: "`cap` says which limit of the number it is, `Retry-After` when it opens again.",
    helpZh: "`cap` 指明触发的号码限制，`Retry-After` 给出恢复时间。",
  },
  "destination-blocked": {
    status: 429,
    title: "No texts to this destination for now",
    zh: "暂停向该目的地发送",
    help: "`rule` says which abuse rule stopped it, `Retry-After` when it ends by itself.",
    helpZh: "`rule` 指明触发的防滥用规则，`Retry-After` 给出自动恢复的时间。",
  },
  "no-route": {
    status: 503,
    title: "No account can carry it",
    zh: "没有可用的发送通道",
    help: "No enabled account with an approved template fits this country and kind of code.",
    helpZh: "没有启用且模板已通过审核的账号适用于该国家与验证码类型。",
  },
  "service-unavailable": {
    status: 503,
    title: "Not now",
    zh: "服务暂不可用",
    help: "Nothing was done. `Retry-After` says when to try again.",
    helpZh: "本次请求未产生任何效果，`Retry-After` 给出可重试的时间。",
  },
  "internal-error": {
    status: 500,
    title: "A fault of ours",
    zh: "内部错误",
    help: "Send us the request id.",
    helpZh: "请提供 request_id 以便排查。",
  },
} as const satisfies Record<
  string,
  { status: number; title: string; zh: string; help: string; helpZh: string }
>;

export type ProblemSlug = keyof typeof PROBLEMS;

export interface FieldError {
  /** Names joined by dots, from the body's root; empty for the body itself. */
  readonly path: string;
  readonly message: string;
}

/** A refused request. Nothing in it may repeat a number, a code or a credential. */
export interface Problem {
  readonly problem: ProblemSlug;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly cap?: string;
  /** The abuse rule that spoke. */
  readonly rule?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const problem = (
  slug: ProblemSlug,
  detail: string = PROBLEMS[slug].help,
  extra: Omit<Problem, "problem" | "detail"> = {},
): Problem => ({ problem: slug, detail, ...extra });

/** A refusal that passes: `Retry-After` in seconds. */
export const problemUntil = (
  slug: ProblemSlug,
  detail: string,
  retryAfterSeconds: number,
  extra: Omit<Problem, "problem" | "detail" | "headers"> = {},
): Problem =>
  problem(slug, detail, { ...extra, headers: { "Retry-After": String(retryAfterSeconds) } });

export function invalid(named: string, message: string): Problem {
  const path = maskName(named);
  return problem("invalid-request", `${path || "body"}: ${message}`, {
    errors: [{ path, message }],
  });
}

/** The problem as RFC 9457 writes it. */
export function problemBody(refused: Problem) {
  const { status, title } = PROBLEMS[refused.problem];
  return {
    type: `/problems/${refused.problem}`,
    title,
    status,
    detail: refused.detail,
    ...(refused.errors ? { errors: refused.errors } : {}),
    ...(refused.cap ? { cap: refused.cap } : {}),
    ...(refused.rule ? { rule: refused.rule } : {}),
  };
}

export function problemResponse(refused: Problem, requestId: string): Response {
  return new Response(JSON.stringify({ ...problemBody(refused), request_id: requestId }), {
    status: PROBLEMS[refused.problem].status,
    headers: { "Content-Type": "application/problem+json", ...refused.headers },
  });
}
