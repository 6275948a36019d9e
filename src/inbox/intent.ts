export type Intent = "opt-out" | "complaint" | "help" | "start" | "text";

/** Words as they are compared; what is longer than an intent is said in words of one's own. */
const LONGEST_INTENT = 60;

/** Words of a text that begins with a word which ends offers; a longer one is about something else. */
const MOST_WORDS = 3;

const words = (text: string): readonly string[] => text.split(" ");

/** What ends offers in every country, beside the words of its policy. */
const EVERYWHERE = words("STOP UNSUBSCRIBE TD 退订 退訂");
/** What offers name as the answer that ends them, wherever they go: alone it means nothing else. */
const NAMED = "R";
const HELP = words("HELP INFO 帮助 幫助");
const START = words("START YES UNSTOP 恢复 恢復");
const COMPLAINT = words("投诉 投訴 举报 舉報 投诉举报 COMPLAINT COMPLAIN");

/** What is said beside a word without changing it; what begins with another comes before that one. */
const POLITE = [
  ...words("PLEASE PLS PLZ THANKS THANK YOU THX KINDLY HELLO HI NOW OK"),
  ...words("SVP MERCI BITTE DANKE GRACIAS OBRIGADO OBRIGADA"),
  ...words("请 請 麻烦 麻煩 帮我 幫我 我要 我想 回复 回覆 您好 你好"),
  ...words("谢谢 謝謝 多谢 多謝 感谢 一下 吧 啊 哦 呀 啦 哈"),
  "POR FAVOR",
];
/** What offers are called: beside words that mean nothing else. */
const OFFERS = [
  ...words("TEXTING TEXTS MESSAGING MESSAGES SENDING SPAM SMS THESE THIS YOUR ALL ME IT"),
  ...words("短信 短訊 信息 消息 推送 广告 廣告 营销 營銷 全部 所有 你们的 你们 贵公司 了"),
  ...words("不要再发 不要发 别再发 別再發 别发 別發 勿发 勿發 勿扰 勿擾 别骚扰 骚扰"),
];
/** What people write of their orders as well: alone it ends offers, before other words it may not. */
const OF_ORDERS: ReadonlySet<string> = new Set(words("CANCEL END 取消 拒收"));

/** A text as words are compared: width, case, accents, emoji and punctuation make no difference. */
export const fold = (text: string): string =>
  text
    .normalize("NFKC")
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .replace(/\p{Cf}|\p{Variation_Selector}|\p{Me}/gu, "")
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, " ")
    .trim()
    .toUpperCase();

/** The text without one of the words at its beginning, or else at its end. */
function without(text: string, fillers: readonly string[]): string {
  const first = fillers.find((filler) => text.startsWith(filler));
  if (first !== undefined) return text.slice(first.length).trimStart();
  const last = fillers.find((filler) => text.endsWith(filler));
  return last === undefined ? text : text.slice(0, -last.length).trimEnd();
}

/** Whether a text is one of the words, with nothing beside it but fillers. */
function isOneOf(text: string, known: ReadonlySet<string>, fillers: readonly string[]): boolean {
  let rest = text;
  while (!known.has(rest)) {
    const less = without(rest, fillers);
    if (less === rest) return false;
    rest = less;
  }
  return true;
}

/** A single letter or sign is no word among others: `R` is, `R u ok` is not. */
const spokenWords = (list: readonly string[]): ReadonlySet<string> =>
  new Set(list.filter((word) => [...word].length > 1));

/** Two characters of Chinese are about a word. */
const countWords = (said: string): number =>
  words(said)
    .map((word) => (/^\p{Script=Han}/u.test(word) ? Math.ceil([...word].length / 2) : 1))
    .reduce((sum, count) => sum + count, 0);

/** Whether a short text begins with a word that means nothing else, set apart from the others. */
function beginsByEnding(said: string, ends: readonly string[]): boolean {
  if (countWords(said) > MOST_WORDS) return false;
  return ends.some(
    (word) =>
      said.startsWith(`${word} `) &&
      !OF_ORDERS.has(word) &&
      /\p{Script=Han}{2}|\p{L}{3}/u.test(word),
  );
}

/** Whether a text is of `STOP` and the like and of nothing else but what is said with them. */
function onlyEnds(said: string, ends: readonly string[]): boolean {
  return (
    said === NAMED ||
    ends.includes(said) ||
    isOneOf(said, spokenWords([...EVERYWHERE, ...ends]), POLITE) ||
    isOneOf(said, new Set(EVERYWHERE), [...POLITE, ...OFFERS])
  );
}

const foldAll = (list: readonly string[]) => list.map(fold).filter((word) => word !== "");

/** Whether a reply that ends offers says more, which a person has to read. */
export const saysMore = (text: string, optOutWords: readonly string[]): boolean =>
  !onlyEnds(fold(text), foldAll(optOutWords));

/**
 * What a reply asks for, by its exact words or, where it ends offers, by how it begins; everything
 * else is free text, for a person to read. `optOutWords` are those of the country's policy.
 */
export function readIntent(text: string, optOutWords: readonly string[]): Intent {
  const said = fold(text);
  if (said === "" || said.length > LONGEST_INTENT) return "text";
  const ends = foldAll(optOutWords);
  if (onlyEnds(said, ends)) return "opt-out";
  if (beginsByEnding(said, [...EVERYWHERE, ...ends])) return "opt-out";
  if (isOneOf(said, new Set(COMPLAINT), [...POLITE, ...OFFERS])) return "complaint";
  if (COMPLAINT.includes(said.split(" ", 1)[0] ?? "")) return "complaint";
  if (isOneOf(said, new Set(HELP), POLITE)) return "help";
  return isOneOf(said, new Set(START), POLITE) ? "start" : "text";
}
