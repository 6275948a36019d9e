import { z } from "zod";
import { type Credentials, call, readReply, vendorNumber } from "./aliyun-call.ts";
import { RECEIPT_CODES } from "./aliyun-codes.ts";
import { lookUp } from "./codes.ts";
import type { Provider, QueryOutcome, Receipt, SentText } from "./provider.ts";
import { asObject, chinaDay, chinaTime, signatureFirst } from "./wire.ts";

/** One page holds what a number gets in a day, by the vendor's own limits. */
const PAGE_SIZE = 50;
/** How far our clock and the vendor's may lie apart, its own work on the call included. */
const LEEWAY_MS = 120_000;

const STATUSES: Record<1 | 2 | 3, Receipt["status"]> = {
  1: "pending",
  2: "undelivered",
  3: "delivered",
};

const Detail = z.object({
  PhoneNum: z.string(),
  SendStatus: z.literal([1, 2, 3]),
  ErrCode: z.string().max(100).catch(""),
  Content: z.string(),
  SendDate: z.string().transform((text, context) => {
    const at = chinaTime(text);
    if (!at) context.addIssue("not a time");
    return at?.getTime() ?? 0;
  }),
  OutId: z.string().catch(""),
});
type Detail = z.infer<typeof Detail>;

/**
 * Whether a row is our text: by our id, or by the vendor's, which the list was asked for. Texts of a
 * batch have no id of ours: while their outcome is unknown, the words must do.
 */
function isOurs(row: Detail, sent: SentText): boolean {
  if (row.OutId !== "") return row.OutId === sent.messageId;
  return sent.providerMessageId !== null || (hasWords(row, sent) && isOfItsTime(row, sent));
}

const hasWords = (row: Detail, sent: SentText): boolean =>
  row.Content === signatureFirst(sent.text);

const isOfItsTime = (row: Detail, sent: SentText): boolean =>
  row.SendDate >= sent.submittedAt.getTime() - LEEWAY_MS;

/** A row that names no id, or has our words, could be ours as the vendor rewrote it. */
const mayBeOurs = (row: Detail, sent: SentText): boolean =>
  isOfItsTime(row, sent) && (row.OutId === "" || hasWords(row, sent));

/** A list is of one China day: one that was left or entered a moment ago proves nothing. */
const isNearMidnight = ({ submittedAt }: SentText): boolean => {
  const at = submittedAt.getTime();
  return chinaDay(new Date(at - LEEWAY_MS)) !== chinaDay(new Date(at + LEEWAY_MS));
};

function readRows(rows: readonly unknown[], sent: SentText): Detail[] {
  const { to } = sent;
  const spellings = [vendorNumber(to), to.slice(1), to];
  return rows
    .map((row) => Detail.safeParse(row).data)
    .filter((row) => row !== undefined)
    .filter((row) => spellings.includes(row.PhoneNum));
}

function found(row: Detail, sent: SentText): QueryOutcome {
  const status = STATUSES[row.SendStatus];
  return {
    kind: "found",
    status,
    code: row.ErrCode,
    providerMessageId: sent.providerMessageId,
    ...(status === "undelivered" && { reason: lookUp(RECEIPT_CODES, row.ErrCode) }),
  };
}

/** QuerySendDetails: the texts of one number on one China day. */
export const query: NonNullable<Provider<Credentials>["query"]> = {
  ask: (credentials, endpoint, sent, stamp) => {
    const fields = {
      PhoneNumber: vendorNumber(sent.to),
      SendDate: chinaDay(sent.submittedAt),
      PageSize: String(PAGE_SIZE),
      CurrentPage: "1",
      ...(sent.providerMessageId && { BizId: sent.providerMessageId }),
    };
    return call(credentials, endpoint, "QuerySendDetails", { query: fields }, stamp);
  },
  readAnswer: (response, sent) => {
    const reply = readReply(response);
    const list = asObject(reply?.body.SmsSendDetailDTOs)?.SmsSendDetailDTO;
    if (response.status !== 200 || reply?.code !== "OK" || !Array.isArray(list)) {
      return { kind: "unclear" };
    }
    const rows = readRows(list, sent);
    const [ours] = rows
      .filter((row) => isOurs(row, sent))
      .sort((a, b) => b.SendStatus - a.SendStatus);
    if (ours) return found(ours, sent);

    const total = reply.body.TotalCount;
    const isComplete = String(total) === String(rows.length) && rows.length === list.length;
    // What got an id was taken, whatever a list leaves out.
    const isProof =
      isComplete &&
      sent.providerMessageId === null &&
      !isNearMidnight(sent) &&
      !rows.some((row) => mayBeOurs(row, sent));
    return { kind: isProof ? "absent" : "unclear" };
  },
};
