import type { Category } from "../messages/message.ts";
import type { PoliciesPatch } from "./policies.ts";

type Rows = NonNullable<PoliciesPatch[Category]>;

const quiet = (from: string, to: string, ...daysOff: string[]) => ({
  quiet: { from, to, days_off: daysOff },
});

/** Fixed public holidays; those that move with Easter are a storefront's to add. */
const FRENCH = ["01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"];
const WORDS = ["STOP", "UNSUBSCRIBE"];

/**
 * What a storefront has before it changes anything: cautious, and no legal advice. Windows and
 * days off are the recipient's; each row is data that `PUT /v1/policies` changes.
 */
export const BUILT_IN: Readonly<Record<Category, Rows>> = {
  otp: { "*": {} },
  notification: { "*": quiet("22:30", "08:00") },
  marketing: {
    "*": {
      ...quiet("20:00", "09:00"),
      caps: { per_day: 1, per_week: 2 },
      opt_out_words: WORDS,
      suffix: " Reply STOP to opt out",
      consent: "required",
    },
    CN: {
      ...quiet("21:00", "08:00"),
      caps: { per_day: 1, per_week: 3 },
      opt_out_words: ["R", "T", "TD", "N", "0000", "退订", "取消", "拒收"],
      suffix: "，拒收请回复R",
    },
    HK: {
      ...quiet("21:00", "09:00"),
      caps: { per_week: 3 },
      opt_out_words: ["TD", "STOP", "退訂", "取消"],
      suffix: "，退訂請回覆TD",
    },
    TW: {
      ...quiet("21:00", "09:00"),
      opt_out_words: ["TD", "STOP", "退訂", "取消"],
      suffix: "，退訂請回覆TD",
    },
    US: {
      caps: { per_week: 3 },
      opt_out_words: [
        ...["STOP", "QUIT", "END", "REVOKE", "OPT OUT", "OPTOUT", "CANCEL"],
        ...["UNSUBSCRIBE", "STOPALL"],
      ],
    },
    CA: { caps: { per_week: 3 }, opt_out_words: [...WORDS, "ARRET"] },
    GB: { ...quiet("21:00", "08:00"), caps: { per_week: 3 } },
    FR: {
      ...quiet("22:00", "08:00", "sunday", ...FRENCH),
      caps: { per_week: 3 },
      opt_out_words: [...WORDS, "ARRET"],
      suffix: " STOP pour ne plus recevoir",
    },
    DE: { ...quiet("20:00", "08:00", "sunday"), caps: { per_week: 3 } },
    AU: { ...quiet("20:00", "08:00"), caps: { per_week: 3 } },
    SG: { caps: { per_week: 3 }, opt_out_words: [...WORDS, "UNSUB"] },
    IN: quiet("21:00", "10:00"),
    VN: { ...quiet("21:00", "08:00"), opt_out_words: [...WORDS, "TC"] },
    BR: {
      ...quiet("21:00", "08:00"),
      caps: { per_week: 3 },
      opt_out_words: [...WORDS, "SAIR", "PARAR"],
      suffix: " Responda SAIR para cancelar",
    },
    MX: {
      ...quiet("20:00", "08:00"),
      caps: { per_week: 3 },
      opt_out_words: [...WORDS, "BAJA"],
      suffix: " Responda BAJA para cancelar",
    },
    KZ: { ...quiet("22:00", "09:00"), caps: { per_week: 3 } },
  },
};
