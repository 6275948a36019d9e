import { z } from "zod";
import { lookUp } from "./codes.ts";
import type { Provider, SentText } from "./provider.ts";
import { type Credentials, call, readAnswer } from "./tencent-call.ts";
import { RECEIPT_CODES } from "./tencent-codes.ts";

/** How far our clock and the vendor's may lie apart. */
const LEEWAY_MS = 120_000;

const Status = z.object({
  PhoneNumber: z.string(),
  SerialNo: z.string().min(1).max(128),
  ReportStatus: z.enum(["SUCCESS", "FAIL"]),
  Description: z.string().max(100).catch(""),
  SessionContext: z.string().catch(""),
});
type Status = z.infer<typeof Status>;

const isOurs = (status: Status, sent: SentText): boolean =>
  status.PhoneNumber === sent.to &&
  (status.SerialNo === sent.providerMessageId || status.SessionContext === sent.messageId);

/**
 * PullSmsSendStatusByPhoneNumber: it lists what was settled, so that a text which is not on it may
 * still be on its way, and `absent` is never proved.
 */
export const query: NonNullable<Provider<Credentials>["query"]> = {
  ask: (credentials, endpoint, sent, stamp) => {
    const parameters = {
      BeginTime: Math.floor((sent.submittedAt.getTime() - LEEWAY_MS) / 1000),
      Offset: 0,
      Limit: 100,
      PhoneNumber: sent.to,
      SmsSdkAppId: credentials.sdk_app_id,
    };
    return call(credentials, endpoint, "PullSmsSendStatusByPhoneNumber", parameters, stamp);
  },
  readAnswer: (response, sent) => {
    const answer = readAnswer(response);
    const list = answer?.PullSmsSendStatusSet;
    if (response.status !== 200 || answer?.Error || !Array.isArray(list)) {
      return { kind: "unclear" };
    }
    const ours = list
      .map((status) => Status.safeParse(status).data)
      .find((status) => status && isOurs(status, sent));
    if (!ours) return { kind: "unclear" };
    const delivered = ours.ReportStatus === "SUCCESS";
    return {
      kind: "found",
      status: delivered ? "delivered" : "undelivered",
      code: ours.Description,
      providerMessageId: ours.SerialNo,
      ...(!delivered && { reason: lookUp(RECEIPT_CODES, ours.Description) }),
    };
  },
};
