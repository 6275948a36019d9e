const GSM_BASIC =
  /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/;
const GSM_EXTENDED = /[\^{}\\[~\]|€]/g;

/** A text as the handset shows it: the sender in its brackets, then the body. */
export const signed = (sender: string, body: string): string =>
  sender === "" ? body : `【${sender}】${body}`;

/** Billed segments: mainland 70/67 characters; elsewhere GSM-7 160/153 or UCS-2 70/67. */
export function countSegments(text: string, mainland: boolean): number {
  const isGsm = !mainland && GSM_BASIC.test(text);
  const length = isGsm ? text.length + (text.match(GSM_EXTENDED)?.length ?? 0) : text.length;
  const [single, joined] = isGsm ? [160, 153] : [70, 67];
  return length <= single ? 1 : Math.ceil(length / joined);
}

/** Whether a variable's value carries a link, which neither mainland vendor lets through. */
export const hasUrl = (value: string): boolean =>
  /https?:\/\/|www\.|[a-z0-9-]\.(?:com|cn|net|org|io|example)(?![a-z0-9])/i.test(value);
