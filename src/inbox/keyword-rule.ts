import { fold } from "./intent.ts";
import type { ReplyTags } from "./reply.ts";

export const KEYWORD_MATCHES = ["exact", "prefix"] as const;

/** What a storefront does by itself when a reply says one of some words. */
export interface KeywordRule {
  /** A `kwr_` id; of several that match the oldest holds. */
  readonly id: string;
  readonly storefront: string;
  readonly name: string;
  readonly keywords: readonly string[];
  readonly match: (typeof KEYWORD_MATCHES)[number];
  readonly tag: string | null;
  /** The name of a template. */
  readonly answer: string | null;
  /** The name of an event. */
  readonly event: string | null;
  /** The survey whose answers the keywords are. */
  readonly survey: string | null;
  readonly enabled: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Of one storefront. */
export const MOST_KEYWORD_RULES = 200;

const isLatin = (character: string | undefined): boolean =>
  character !== undefined && /[^\P{L}\p{Script=Han}]|\p{N}/u.test(character);

/** A prefix is a whole word where words have blanks between them: `A` does not begin `APPLE`. */
function beginsWith(said: string, keyword: string): boolean {
  if (!said.startsWith(keyword)) return false;
  return !(isLatin(keyword.at(-1)) && isLatin(said.at(keyword.length)));
}

/** The first rule that a reply meets, with the keyword as the rule writes it. */
export function findRule(
  rules: readonly KeywordRule[],
  text: string,
): { readonly rule: KeywordRule; readonly keyword: string } | null {
  const said = fold(text);
  for (const rule of rules) {
    if (!rule.enabled) continue;
    const meets =
      rule.match === "exact" ? (word: string) => said === word : beginsWith.bind(0, said);
    const keyword = rule.keywords.find((one) => meets(fold(one)));
    if (keyword !== undefined) return { rule, keyword };
  }
  return null;
}

/** What a reply is tagged with by the rule that it met. */
export const tagsOf = ({ tag, survey }: KeywordRule, keyword: string): ReplyTags => ({
  ...(tag === null ? {} : { [tag]: true as const }),
  ...(survey === null ? {} : { [`survey:${survey}`]: keyword }),
});

/** The same as attributes of a contact, whose names have no colons. */
export const attributesOf = ({ tag, survey }: KeywordRule, keyword: string): ReplyTags => ({
  ...(tag === null ? {} : { [`tag_${tag}`]: true as const }),
  ...(survey === null ? {} : { [`survey_${survey}`]: keyword }),
});
