import type { Policy } from "./policies.ts";

/**
 * Ways to say how to opt out that shops write themselves: what to do, not the word alone, for
 * 支持退订 and a one-stop shop tell nobody what to answer.
 */
const SAYS_HOW = new RegExp(
  [
    "(?:拒收|退订|退訂)[请請]?(?:回|发|發)",
    '(?:回|发|發)[复覆複送]?\\s*["“「]?\\p{L}{1,4}["”」]?\\s*(?:拒收|退订|退訂)',
    "\\b(?:reply|text|txt|send|répondez|envoyez)\\b.{0,12}\\b(?:STOP|R|T|TD|N|END|QUIT|CANCEL|ARRET)\\b",
    "\\bSTOP (?:to|au)\\b",
    "\\bto (?:unsubscribe|opt[ -]?out)\\b",
    "\\b(?:unsubscribe|opt[ -]?out)(?: here)?:",
  ].join("|"),
  "iu",
);

/** What has to be put behind a text so that it says how to opt out; empty when it does. */
export const suffixFor = (text: string, { suffix }: Pick<Policy, "suffix">): string =>
  suffix.trim() === "" || SAYS_HOW.test(text) ? "" : suffix;

/** An offer as it leaves: marked as one where the policy asks for it, and with the way to opt out. */
export const asOffer = (text: string, policy: Pick<Policy, "prefix" | "suffix">): string =>
  (text.startsWith(policy.prefix.trimEnd()) ? "" : policy.prefix) + text + suffixFor(text, policy);
