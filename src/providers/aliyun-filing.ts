import { type Credentials, call, readReply } from "./aliyun-call.ts";
import { detailOf } from "./codes.ts";
import type {
  FilingOutcome,
  Provider,
  ReviewOutcome,
  SenderReview,
  TemplateFiling,
  WireResponse,
} from "./provider.ts";
import { asObject, rewriteVariables } from "./wire.ts";

const readFiled =
  (field: "TemplateCode" | "SignName") =>
  (response: WireResponse): FilingOutcome => {
    const reply = readReply(response);
    if (reply && reply.code !== "OK") {
      return { ok: false, code: reply.code, detail: detailOf(reply.message) };
    }
    const id = reply?.body[field];
    return typeof id === "string" && id
      ? { ok: true, providerTemplateId: id }
      : { ok: false, code: "unreadable-answer", detail: "" };
  };

/** `TemplateStatus` and `SignStatus`; 10 is an application that was taken back. */
const REVIEWS: ReadonlyMap<string, ReviewOutcome> = new Map([
  ["0", "pending"],
  ["1", "approved"],
  ["2", "rejected"],
  ["10", "rejected"],
]);

/** TemplateType and, for templates outside the mainland (type 3), IntlType. */
const TEMPLATE_TYPES = { otp: "0", notification: "1", marketing: "2" } as const;
const INTERNATIONAL_TYPES = { otp: "2", notification: "0", marketing: "1" } as const;

/** Every variable needs a rule: digits for the code, minutes beside it, free text elsewhere. */
function variableRule(filing: TemplateFiling, name: string): string {
  if (filing.category !== "otp") return "others";
  return name === "code" ? "numberCaptcha" : "verifyTime";
}

function templateQuery(filing: TemplateFiling): Readonly<Record<string, string>> {
  const rules = filing.variables.map((name) => [name, variableRule(filing, name)] as const);
  return {
    TemplateName: filing.name.slice(0, 30),
    TemplateContent: rewriteVariables(filing.body, (name) => `\${${name}}`),
    ...(filing.region === "domestic"
      ? { TemplateType: TEMPLATE_TYPES[filing.category], RelatedSignName: filing.sender }
      : { TemplateType: "3", IntlType: INTERNATIONAL_TYPES[filing.category] }),
    ...(rules.length > 0 && { TemplateRule: JSON.stringify(Object.fromEntries(rules)) }),
  };
}

export const templates = {
  file: (credentials, endpoint, filing, stamp) =>
    call(credentials, endpoint, "CreateSmsTemplate", { query: templateQuery(filing) }, stamp),
  readFiled: readFiled("TemplateCode"),
  review: (credentials, endpoint, { providerTemplateId }, stamp) => {
    const query = { TemplateCode: providerTemplateId };
    return call(credentials, endpoint, "GetSmsTemplate", { query }, stamp);
  },
  readReview: (response) => {
    const reply = readReply(response);
    const status = reply?.code === "OK" ? String(reply.body.TemplateStatus) : "";
    return REVIEWS.get(status) ?? "unknown";
  },
} satisfies Provider<Credentials>["templates"];

/** `RegisterStatus` of a name in a carrier's real-name register. */
const REGISTERS: ReadonlyMap<unknown, string> = new Map([
  [3, "registered"],
  [1, "to be verified"],
  [0, "failed"],
  [2, "lapsed"],
  [-1, "in progress"],
  [-2, "missing"],
]);

/** One word where all carriers agree, else each with its own. */
function carriersOf(list: unknown): string | null {
  const states = (Array.isArray(list) ? list : []).flatMap((each) => {
    const { OperatorCode: carrier, RegisterStatus: status } = asObject(each) ?? {};
    const state = REGISTERS.get(status);
    return state && ["mobile", "unicom", "telecom"].includes(String(carrier))
      ? [[String(carrier), state] as const]
      : [];
  });
  const [first] = states;
  if (!first) return null;
  if (states.every(([, state]) => state === first[1])) return first[1];
  return states.map((state) => state.join(" ")).join(", ");
}

function readSenderReview(response: WireResponse): SenderReview {
  const reply = readReply(response);
  const body = reply?.code === "OK" ? reply.body : {};
  return {
    outcome: REVIEWS.get(String(body.SignStatus)) ?? "unknown",
    id: typeof body.SignName === "string" ? body.SignName : null,
    detail: detailOf(asObject(body.AuditInfo)?.RejectInfo),
    carriers: carriersOf(body.SignIspRegisterDetailList),
  };
}

export const senders = {
  file: (credentials, endpoint, sender, stamp) => {
    const query = {
      SignName: sender.name,
      SignSource: "0",
      SignType: "1",
      ...(credentials.qualification_id && { QualificationId: credentials.qualification_id }),
    };
    return call(credentials, endpoint, "CreateSmsSign", { query }, stamp);
  },
  readFiled: readFiled("SignName"),
  review: (credentials, endpoint, { name }, stamp) =>
    call(credentials, endpoint, "GetSmsSign", { query: { SignName: name } }, stamp),
  readReview: readSenderReview,
} satisfies Provider<Credentials>["senders"];
