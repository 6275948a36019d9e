import { readings } from "../phone.ts";
import { chinaDayStart, chinaTime, DAY_MS } from "../time.ts";
import { refusal, success } from "./aliyun-answer.ts";
import { spelled } from "./aliyun-send.ts";
import { type Answer, type Desk, deliveryState, type LedgerText } from "./vendor.ts";

type Params = Readonly<Record<string, string>>;

/** What became of the texts of one number on one China day, at most thirty days back. */
export function querySendDetails(params: Params, desk: Desk): Answer {
  const { PhoneNumber = "", SendDate = "", BizId } = params;
  const size = Number(params.PageSize ?? 10);
  const page = Number(params.CurrentPage ?? 1);
  const numbers = readings(PhoneNumber);
  const from = chinaDayStart(SendDate);
  if (numbers.length === 0) return refusal("isv.MOBILE_NUMBER_ILLEGAL");
  const isRecent = from !== undefined && from > desk.now - 31 * DAY_MS;
  if (!isRecent || !(page >= 1 && size >= 1 && size <= 50))
    return refusal("isv.INVALID_PARAMETERS");
  const texts = desk
    .sent(numbers, from, from + DAY_MS)
    .filter((text) => BizId === undefined || text.providerMessageId === BizId);
  return success({
    TotalCount: String(texts.length),
    SmsSendDetailDTOs: {
      SmsSendDetailDTO: texts
        .slice((page - 1) * size, page * size)
        .map((text) => detail(text, desk.now)),
    },
  });
}

function detail(text: LedgerText, now: number): Record<string, unknown> {
  const state = deliveryState(text, now);
  return {
    PhoneNum: spelled(text.number),
    SendStatus: { waiting: 1, undelivered: 2, delivered: 3 }[state],
    ErrCode: state === "waiting" ? "" : text.code,
    TemplateCode: text.template,
    Content: text.text,
    SendDate: chinaTime(text.acceptedAt),
    ReceiveDate: state === "waiting" ? "" : chinaTime(text.settlesAt ?? text.acceptedAt),
    OutId: text.correlation,
  };
}
