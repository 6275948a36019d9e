import type { Span } from "./fold.ts";

/** What a word of the list is about. */
export const WORD_CATEGORIES = [
  "marketing",
  "gambling",
  "pornography",
  "politics",
  "fraud",
  "contact",
] as const;
export type WordCategory = (typeof WORD_CATEGORIES)[number];

/** What a finding is about: words by their category, and what no word list can tell. */
export const CONTENT_KINDS = [
  ...WORD_CATEGORIES,
  "signature",
  "link",
  "placeholder",
  "classifier",
] as const;
export type ContentKind = (typeof CONTENT_KINDS)[number];

/** `hold`: a person looks at it first; `observe`: it is only written down. */
export const SEVERITIES = ["refuse", "hold", "observe"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a rule found, before the storefront's policy has its say. */
export interface Hit extends Span {
  readonly kind: ContentKind;
  readonly severity: Severity;
}

/** Something in a text that may not, or should not, be there. */
export interface Finding extends Span {
  readonly kind: ContentKind;
  readonly severity: Severity;
  /** The field that holds it: `body`, `variables.0.fallback`; `start` and `end` are places in it. */
  readonly path: string;
  /** The variable whose value it is in, or null. */
  readonly variable: string | null;
  /** The words themselves, numbers masked. */
  readonly found: string;
  readonly en: string;
  readonly zh: string;
}

const EXPLANATIONS: Readonly<Record<ContentKind, { readonly en: string; readonly zh: string }>> = {
  marketing: { en: "marketing wording in a text that is no marketing", zh: "非营销短信含营销用语" },
  gambling: { en: "wording of gambling", zh: "涉赌用语" },
  pornography: { en: "wording of pornography", zh: "涉黄用语" },
  politics: { en: "political wording", zh: "涉政用语" },
  fraud: { en: "wording of fraud", zh: "涉诈用语" },
  contact: { en: "contact details in a value", zh: "变量内容含联系方式" },
  signature: { en: "a second signature: 【】 is for the sender", zh: "含有【】，仅签名可用" },
  link: { en: "a link that is not filed", zh: "含有未报备的链接" },
  placeholder: { en: "a placeholder in a value", zh: "变量内容含模板占位符" },
  classifier: { en: "the classifier takes it for unsafe", zh: "智能审核判定为不安全" },
};

export const explain = (kind: ContentKind) => EXPLANATIONS[kind];

const LONGEST_SHOWN = 40;
/** Seven digits, however they are parted, may be somebody's number. */
const MANY_DIGITS = /\d(?:[^\p{L}\p{N}]*\d){6,}/gu;

/** Words of a text as a trace or an answer may show them: no number in full. */
export function showWords(words: string): string {
  const masked = words.normalize("NFKC").replace(MANY_DIGITS, (number) => {
    const digits = number.replace(/\D/g, "");
    return `${digits.slice(0, 3)}****${digits.slice(-2)}`;
  });
  const chars = [...masked];
  return chars.length > LONGEST_SHOWN ? `${chars.slice(0, LONGEST_SHOWN).join("")}…` : masked;
}

/** One finding in both languages: the words, and what is wrong with them. */
export const sayFinding = ({ found, en, zh }: Finding): string =>
  found === "" ? `${en} · ${zh}` : `holds “${found}”: ${en} · 含“${found}”，${zh}`;

/** The strictest of what was found, or null. */
export const worstOf = (findings: readonly Finding[]): Severity | null =>
  SEVERITIES.find((severity) => findings.some((one) => one.severity === severity)) ?? null;
