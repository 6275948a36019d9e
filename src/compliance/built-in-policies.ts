import type { Category } from "../messages/message.ts";
import type { PoliciesPatch } from "./policies.ts";
import { AMERICAN_STATES } from "./state-hours.ts";

type Rows = NonNullable<PoliciesPatch[Category]>;

const quiet = (from: string, to: string, ...daysOff: string[]) => ({
  quiet: { from, to, days_off: daysOff },
});

/** Where a row comes from, and when that was last looked at; null where nobody has looked it up. */
const basis = (source: string, checkedAt: string | null = null) => ({
  source,
  checked_at: checkedAt,
});
/** When the sources below were last read. */
const READ = "2026-11-23";

/** With Easter Monday, Ascension Day and Whit Monday. */
const FRENCH = [
  ...["01-01", "easter+1", "05-01", "05-08", "easter+39", "easter+50"],
  ...["07-14", "08-15", "11-01", "11-11", "12-25"],
];
const WORDS = ["STOP", "UNSUBSCRIBE"];

const GERMAN = {
  ...quiet("20:00", "08:00", "sunday"),
  caps: { per_day: 1, per_week: 3 },
  ...basis("GDPR Art. 7; Directive 2002/58/EC Art. 13; hours and Sundays by custom"),
};
/** Members of the Union without a row of their own. */
const UNION = [
  ...["AT", "BE", "BG", "CY", "CZ", "DK", "EE", "ES", "FI", "GR", "HR", "HU", "IE", "IT"],
  ...["LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"],
];

/**
 * What a storefront has before it changes anything: cautious, and no legal advice. Windows and
 * days off are the recipient's; each row is data that `PUT /v1/policies` changes.
 */
export const BUILT_IN: Readonly<Record<Category, Rows>> = {
  otp: { "*": basis("codes are asked for by the person himself: no hours, no consent") },
  notification: {
    "*": {
      ...quiet("22:30", "08:00"),
      ...basis("nights are for sleep; no law is known to say so"),
    },
  },
  marketing: {
    "*": {
      ...quiet("20:00", "09:00"),
      caps: { per_day: 1, per_week: 2 },
      opt_out_words: WORDS,
      suffix: " Reply STOP to opt out",
      consent: "required",
      ...basis(
        "the strictest common window; https://help.getvero.com/vero-2/articles/sms-quiet-hours-compliance",
        READ,
      ),
    },
    CN: {
      ...quiet("21:00", "08:00"),
      caps: { per_day: 1, per_week: 3 },
      opt_out_words: ["R", "T", "TD", "N", "0000", "退订", "取消", "拒收"],
      suffix: "，拒收请回复R",
      ...basis(
        "工业和信息化部令第74号（通信短信息服务管理规定，2026-05-01 施行）；云厂商营销短信时段 08:00–22:00",
      ),
    },
    HK: {
      ...quiet("21:00", "09:00"),
      caps: { per_week: 3 },
      opt_out_words: ["TD", "STOP", "退訂", "取消"],
      suffix: "，退訂請回覆TD",
      retention_days: 1_096,
      ...basis("Unsolicited Electronic Messages Ordinance, Cap. 593"),
    },
    TW: {
      ...quiet("21:00", "09:00"),
      opt_out_words: ["TD", "STOP", "退訂", "取消"],
      suffix: "，退訂請回覆TD",
      ...basis("個人資料保護法第 20 條"),
    },
    US: {
      quiet: { from: "20:00", to: "09:00", days_off: [], regions: AMERICAN_STATES },
      caps: { per_week: 3 },
      opt_out_words: [
        ...["STOP", "QUIT", "END", "REVOKE", "OPT OUT", "OPTOUT", "CANCEL"],
        ...["UNSUBSCRIBE", "STOPALL"],
      ],
      retention_days: 1_461,
      ...basis(
        "47 CFR 64.1200, https://www.ecfr.gov/current/title-47/section-64.1200; hours of the states: https://support.referrizer.com/en/category/text-campaigns/article/tcpa-quiet-hours-and-state-specific-rules-for-text-campaigns",
        READ,
      ),
    },
    CA: {
      caps: { per_week: 3 },
      opt_out_words: [...WORDS, "ARRET"],
      retention_days: 1_096,
      ...basis("Canada's Anti-Spam Legislation, S.C. 2010, c. 23"),
    },
    GB: {
      ...quiet("21:00", "08:00"),
      caps: { per_week: 3 },
      ...basis(
        "Privacy and Electronic Communications Regulations 2003, reg. 22; https://ico.org.uk",
      ),
    },
    FR: {
      ...quiet("22:00", "08:00", "sunday", ...FRENCH),
      caps: { per_week: 3 },
      opt_out_words: [...WORDS, "ARRET"],
      suffix: " STOP pour ne plus recevoir",
      ...basis(
        "https://developers.brevo.com/reference/transactional-sms-1; no Sundays, no public holidays",
        READ,
      ),
    },
    DE: GERMAN,
    ...Object.fromEntries(UNION.map((country) => [country, GERMAN])),
    AU: {
      ...quiet("20:00", "08:00"),
      caps: { per_week: 3 },
      ...basis(
        "Spam Act 2003; https://www.acma.gov.au/theACMA/spam-unsubscribe-ability-is-mandatory",
      ),
    },
    SG: {
      ...quiet("20:00", "09:00"),
      caps: { per_week: 3 },
      opt_out_words: [...WORDS, "UNSUB"],
      prefix: "<ADV> ",
      ...basis(
        "Spam Control Act 2007, Second Schedule; https://developers.telnyx.com/docs/messaging/messages/international-sms-compliance",
      ),
    },
    IN: {
      ...quiet("21:00", "10:00"),
      ...basis("TRAI, Commercial Communications Customer Preference Regulations 2018"),
    },
    VN: {
      ...quiet("21:00", "08:00"),
      opt_out_words: [...WORDS, "TC"],
      ...basis("Decree 91/2020/ND-CP"),
    },
    BR: {
      ...quiet("21:00", "08:00"),
      caps: { per_week: 3 },
      opt_out_words: [...WORDS, "SAIR", "PARAR"],
      suffix: " Responda SAIR para cancelar",
      ...basis("Vero's and AWS's tables of countries"),
    },
    MX: {
      ...quiet("20:00", "08:00"),
      caps: { per_week: 3 },
      opt_out_words: [...WORDS, "BAJA"],
      suffix: " Responda BAJA para cancelar",
      ...basis(
        "https://docs.aws.amazon.com/end-user-messaging/latest/userguide/nx-rcs-launch-mx-promotional.html: Telcel enforces a window",
        READ,
      ),
    },
    KZ: {
      ...quiet("22:00", "09:00"),
      caps: { per_week: 3 },
      ...basis("Vero's and AWS's tables of countries"),
    },
  },
};
